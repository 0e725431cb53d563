// Scripts: write down what was done as a .sale script, and run one on the page at the pace of a hand.

export class Scripts {
  constructor(wire, words) {
    this.wire = wire;
    this.words = words;
    this.recording = false;
    this.running = null;
    this.wireRecord();
    this.wireRun();
    wire.on("state", (state) => this.showRecord(state.recording));
    wire.on("recorded", (message) => this.showRecorded(message.text));
    wire.on("script", (message) => this.showScript(message));
    words.changed(() => {
      if (this.running) this.showScript(this.running);
    });
  }

  wireRecord() {
    document.getElementById("record").addEventListener("click", () => this.wire.send({ page: "record", on: !this.recording }));
    const dialog = document.getElementById("record-dialog");
    document.getElementById("record-close").addEventListener("click", () => dialog.close());
  }

  showRecord(on) {
    this.recording = on;
    const button = document.getElementById("record");
    button.setAttribute("aria-pressed", String(on));
    button.firstElementChild.dataset.t = on ? "page.record.stop" : "page.record";
    this.words.fill(button);
  }

  showRecorded(text) {
    document.getElementById("recorded").value = text;
    document.getElementById("record-save").href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    document.getElementById("record-dialog").showModal();
  }

  wireRun() {
    const dialog = document.getElementById("run-dialog");
    const choice = document.getElementById("scenario");
    const text = document.getElementById("script-text");
    this.wire.on("hello", ({ scenarios }) => {
      choice.replaceChildren(...scenarios.map((name) => new Option(name, name)));
      document.getElementById("run").hidden = scenarios.length === 0;
    });
    document.getElementById("run").addEventListener("click", () => {
      dialog.showModal();
      if (!text.value) this.load(choice.value, text);
    });
    choice.addEventListener("change", () => this.load(choice.value, text));
    document.getElementById("run-cancel").addEventListener("click", () => dialog.close());
    document.getElementById("run-form").addEventListener("submit", () => this.wire.send({ page: "run", text: text.value, name: choice.value }));
    document.getElementById("script-stop").addEventListener("click", () => this.wire.send({ page: "halt" }));
    document.getElementById("script-home").addEventListener("click", () => this.wire.send({ page: "home" }));
  }

  async load(name, text) {
    if (name) text.value = await (await fetch(`/scenarios/${encodeURIComponent(name)}.sale`)).text();
  }

  // state: "running", "passed", "failed", "wrong" (does not parse) or "halted"; at: the line in hand, from 1. No lines: no script.
  showScript(script) {
    this.running = script;
    const { lines, at, state, why } = script;
    document.getElementById("script-panel").hidden = !lines;
    document.body.classList.toggle("replaying", Boolean(lines));
    if (!lines) return;
    const title = document.getElementById("script-state");
    title.textContent = this.words.t(`page.script.${state}`);
    title.dataset.state = state;
    document.getElementById("script-stop").hidden = state !== "running";
    document.getElementById("script-home").hidden = state === "running";
    const list = document.getElementById("script-lines");
    list.replaceChildren(...lines.map((line, i) => {
      const item = document.createElement("li");
      item.className = i + 1 < at ? "done" : i + 1 === at ? state : "";
      item.append(line);
      return item;
    }));
    const hand = list.children[at - 1] ?? list.lastElementChild;
    if (why) hand.after(Object.assign(document.createElement("li"), { className: "why", textContent: why }));
    (why ? hand.nextElementSibling : hand)?.scrollIntoView({ block: "nearest" });
  }
}
