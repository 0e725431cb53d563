// The event log, newest first, and its filters: one button for each three-letter name.

const SHOWN = 300;
const WHO = ["key", "ui", "jrn", "prn", "net", "sim", "sys"];

export class Log {
  constructor(wire, words) {
    this.words = words;
    this.list = document.getElementById("log");
    this.hidden = new Set();
    this.build();
    wire.on("log", (message) => this.add(message));
  }

  build() {
    const filters = document.getElementById("filters");
    for (const who of WHO) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `chip u-${who}`;
      button.dataset.tTitle = `page.log.${who}`;
      button.setAttribute("aria-pressed", "true");
      button.append(who);
      button.addEventListener("click", () => this.toggle(who, button));
      filters.append(button);
    }
    this.words.fill(filters);
  }

  toggle(who, button) {
    const on = this.hidden.delete(who);
    if (!on) this.hidden.add(who);
    button.setAttribute("aria-pressed", String(on));
    for (const line of this.list.children) line.hidden = this.hidden.has(line.dataset.filter);
  }

  add({ lines, whole }) {
    if (whole) this.list.replaceChildren();
    for (const [wall, who, text] of lines) this.list.prepend(this.line(wall, who, text));
    while (this.list.children.length > SHOWN) this.list.lastElementChild.remove();
  }

  line(wall, who, text) {
    const item = document.createElement("li");
    item.dataset.filter = WHO.includes(who) ? who : "sys";
    item.hidden = this.hidden.has(item.dataset.filter);
    item.title = `${wall} ${who} ${text}`;
    const time = document.createElement("time");
    time.append(wall.slice(0, 8));
    const name = document.createElement("b");
    name.className = `u-${item.dataset.filter}`;
    name.append(who);
    item.append(time, name, text);
    return item;
  }
}
