// The 28 keys, by mouse, finger and keyboard. Down and up are two messages: a till tells a press from a hold by itself.

// name, what stands on the cap, its colour, the laptop's key as printed small on the cap
const CAPS = [
  ["MENU", "MENU", "dark", "M"], ["UP", "▲", "dark", "↑"], ["DOWN", "▼", "dark", "↓"], ["PLU", "PLU", "dark", "P"],
  ["1", "1", "", ""], ["2", "2", "", ""], ["3", "3", "", ""], ["CANCEL", "✕", "red", "Esc"],
  ["4", "4", "", ""], ["5", "5", "five", ""], ["6", "6", "", ""], ["BACK", "←", "yellow", "⌫"],
  ["7", "7", "", ""], ["8", "8", "", ""], ["9", "9", "", ""], ["TIMES", "×", "dark", "*"],
  ["00", "00", "", "/"], ["0", "0", "", ""], [".", ".", "", ""], ["OK", "○", "green", "⏎"],
  ["CASH", "CASH", "orange", "C"], ["CARD", "CARD", "orange", "D"], ["QR", "QR", "orange", "Q"], ["PRINT", "PRINT", "dark", "R"],
];
const SOFT = ["F1", "F2", "F3"];

const BY_KEYBOARD = {
  Enter: "OK", Escape: "CANCEL", Backspace: "BACK", ArrowUp: "UP", ArrowDown: "DOWN", "*": "TIMES", x: "TIMES", "/": "00",
  ",": ".", ".": ".", m: "MENU", p: "PLU", c: "CASH", d: "CARD", q: "QR", r: "PRINT", " ": "SCAN", F1: "F1", F2: "F2", F3: "F3",
};
for (let digit = 0; digit < 10; digit++) BY_KEYBOARD[digit] = String(digit);

const TYPES = "input[type=text], textarea, select, dialog *";
const NATIVE = "button, a, input, label, select, textarea";

export class Keypad {
  constructor(wire, words) {
    this.wire = wire;
    this.held = new Map(); // what holds it (a pointer, a code of the keyboard) -> name of the till's key
    this.build(words);
    addEventListener("keydown", (event) => this.typed(event));
    addEventListener("keyup", (event) => this.letGo("key:" + event.code));
    addEventListener("blur", () => this.letGoAll());
    // After a click of the mouse the keyboard is the till's again, not the button's.
    addEventListener("click", (event) => {
      if (event.detail > 0) event.target.closest?.("button, input[type=range], input[type=checkbox]")?.blur();
    });
    wire.on("gone", () => this.letGoAll());
  }

  build(words) {
    const soft = document.getElementById("soft");
    for (const name of SOFT) soft.append(this.cap(name, "", "soft", name));
    const keys = document.getElementById("keys");
    for (const [name, face, colour, hint] of CAPS) keys.append(this.cap(name, face, colour, hint));
    for (const button of document.querySelectorAll("[data-k]")) this.listen(button);
    words.fill(document.querySelector(".device"));
  }

  cap(name, face, colour, hint) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `cap ${colour}`;
    button.dataset.k = name;
    if (!/^[0-9]+$/.test(name)) button.dataset.tLabel = button.dataset.tTitle = `key.${name}`;
    button.append(face);
    if (hint) {
      const small = document.createElement("small");
      small.setAttribute("aria-hidden", "true");
      small.append(hint);
      button.append(small);
    }
    return button;
  }

  listen(button) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.press("pointer:" + event.pointerId, button.dataset.k);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, (event) => this.letGo("pointer:" + event.pointerId));
    }
    // A click that no pointer made is a screen reader's: a whole press.
    button.addEventListener("click", (event) => {
      if (event.detail === 0) this.tap(button.dataset.k);
    });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  tap(name) {
    this.press("tap", name);
    this.letGo("tap");
  }

  typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPES)) return;
    const control = event.target.closest?.(NATIVE);
    // Whoever came to a control with Tab works it with Enter and Space; all else belongs to the till.
    const native = control && (event.key === "Enter" || event.key === " " || control.type === "range");
    if (native && !(control.dataset.k && !event.repeat)) return;
    const name = control?.dataset.k && native ? control.dataset.k : BY_KEYBOARD[event.key] ?? BY_KEYBOARD[event.key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    if (!event.repeat) this.press("key:" + event.code, name);
  }

  press(holder, name) {
    if (this.held.has(holder)) return;
    const already = this.isDown(name);
    this.held.set(holder, name);
    if (already) return;
    this.show(name, true);
    this.wire.send({ key: name, down: true });
    if (name === "SCAN") this.read();
  }

  // The trigger: the scanner reads what lies before it.
  read() {
    const code = document.getElementById("code").value;
    if (code) this.wire.send({ scan: code });
  }

  isDown(name) {
    return [...this.held.values()].includes(name);
  }

  letGo(holder) {
    const name = this.held.get(holder);
    if (name === undefined) return;
    this.held.delete(holder);
    if (this.isDown(name)) return;
    this.show(name, false);
    this.wire.send({ key: name, down: false });
  }

  letGoAll() {
    for (const holder of [...this.held.keys()]) this.letGo(holder);
  }

  show(name, down) {
    document.querySelector(`[data-k="${name}"]`)?.classList.toggle("down", down);
  }
}
