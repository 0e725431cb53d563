// What is written down: the till's journal with its chain, the queue for the fleet, and the fleet's ledger.

export class Books {
  constructor(wire, words) {
    this.words = words;
    this.last = {};
    for (const kind of ["journal", "queue", "ledger"]) {
      wire.on(kind, (message) => {
        this.last[kind] = message;
        this[kind](message);
      });
    }
    words.changed(() => {
      for (const kind of Object.keys(this.last)) this[kind](this.last[kind]);
    });
  }

  journal({ head, frames, sound, rows }) {
    const state = sound ? "page.journal.sound" : "page.journal.broken";
    const title = document.getElementById("journal-head");
    title.textContent = this.words.t(state, { head, frames });
    title.className = sound ? "" : "bad";
    title.dataset.frames = frames;
    title.dataset.sound = sound;
    this.fill("journal", rows.map((row) => [String(row.seq).padStart(4, "0"), this.kind(row), row.amount]));
  }

  kind({ kind, no, copy, reason }) {
    const again = copy > 0 ? this.words.t("page.copy", { n: copy }) : "";
    return [this.words.t(`journal.${kind}`), no, again, reason].filter(Boolean).join(" ");
  }

  queue({ waiting, offline, rows }) {
    const title = document.getElementById("queue-head");
    title.textContent = this.words.t(offline ? "page.queue.offline" : "page.queue.waiting", { n: waiting });
    title.dataset.waiting = waiting;
    this.fill("queue", rows.map((row) => [`● ${this.kind(row)}`, row.amount]));
  }

  ledger({ count, rows }) {
    document.getElementById("ledger-panel").hidden = false;
    const title = document.getElementById("ledger-head");
    title.textContent = this.words.t("page.ledger.count", { n: count });
    title.dataset.count = count;
    this.fill("ledger", rows.map((row) => [row.terminal, `${this.words.t("journal.sale")} ${row.no}`, row.total]));
  }

  fill(id, rows) {
    const table = document.getElementById(id);
    table.nextElementSibling.hidden = rows.length > 0;
    table.tBodies[0].replaceChildren(...rows.map((cells) => {
      const line = document.createElement("tr");
      for (const cell of cells) line.insertCell().textContent = cell;
      return line;
    }));
  }
}
