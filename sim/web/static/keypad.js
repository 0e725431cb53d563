// The keypad, by mouse, finger and keyboard. Down and up are two messages: a till tells a press from a hold by itself.
import { CAPS, FULL, SHIFT, SOFT, caps, face } from "./pads.js";

const BY_KEYBOARD = {
  Enter: "OK", Escape: "CANCEL", Backspace: "BACK", ArrowUp: "UP", ArrowDown: "DOWN", "*": "TIMES", x: "TIMES", "/": "00",
  ",": ".", ".": ".", m: "MENU", p: "PLU", c: "CASH", d: "CARD", q: "QR", r: "PRINT", " ": "SCAN", F1: "F1", F2: "F2", F3: "F3",
};
for (let digit = 0; digit < 10; digit++) BY_KEYBOARD[digit] = String(digit);

const TYPES = "input[type=text], textarea, select, dialog *";
const NATIVE = "button, a, input, label, select, textarea, summary";
const SHIFT_MS = 5000; // a shift that nobody used is forgotten, as hal/keypad.py does

export class Keypad {
  constructor(wire, words) {
    this.wire = wire;
    this.words = words;
    this.map = { name: FULL };
    this.trigger = document.querySelector(".trigger");
    this.held = new Map(); // what holds it (a pointer, a code of the keyboard) -> name of the till's key
    this.build();
    this.listen(this.trigger);
    addEventListener("keydown", (event) => this.typed(event));
    addEventListener("keyup", (event) => this.letGo("key:" + event.code));
    addEventListener("blur", () => this.letGoAll());
    // After a click of the mouse the keyboard is the till's again, not the button's.
    addEventListener("click", (event) => {
      if (event.detail > 0) event.target.closest?.("button, summary, input[type=range], input[type=checkbox]")?.blur();
    });
    wire.on("gone", () => this.letGoAll());
    wire.on("keypad", (map) => this.fit(map));
    words.changed(() => this.build());
  }

  // Another keypad has been soldered on.
  fit(map) {
    this.letGoAll();
    this.map = map;
    this.build();
  }

  build() {
    this.shift(false);
    const full = this.map.name === FULL;
    document.querySelector(".till").dataset.pad = this.map.name;
    this.trigger.hidden = !full; // a small pad has it after its shift
    const laid = full ? CAPS.map((name) => ({ name, other: "", shape: "" })) : caps(this.map);
    document.getElementById("soft").replaceChildren(...(full ? SOFT : []).map((name) => this.soft(name)));
    document.getElementById("keys").replaceChildren(...laid.map((cap) => this.cap(cap, full)));
  }

  soft(name) {
    const button = this.button(name, "soft");
    button.append(this.small(name));
    return button;
  }

  cap({ name, other, shape }, full) {
    const { text, colour, hint } = face(name);
    const button = this.button(name, `${colour} ${shape}`);
    button.append(text);
    if (full && hint) button.append(this.small(hint));
    if (other) {
      button.dataset.s = other;
      button.append(this.small(face(other).text));
      const both = this.words.t("page.shifted", { name: this.name(name), other: this.name(other) });
      button.title = both;
      button.setAttribute("aria-label", both);
    }
    button.disabled = name === "NUM";
    return button;
  }

  button(name, style) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `cap ${style}`;
    button.dataset.k = name;
    if (!/^[0-9]+$/.test(name)) {
      button.title = this.name(name);
      button.setAttribute("aria-label", button.title);
    }
    this.listen(button);
    return button;
  }

  small(text) {
    const small = document.createElement("small");
    small.setAttribute("aria-hidden", "true");
    small.append(text);
    return small;
  }

  name(key) {
    return /^[0-9]$/.test(key) ? key : this.words.t(`key.${key}`);
  }

  listen(button) {
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId);
      this.press("pointer:" + event.pointerId, this.meant(button));
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, (event) => this.letGo("pointer:" + event.pointerId));
    }
    // A click that no pointer made is a screen reader's: a whole press.
    button.addEventListener("click", (event) => {
      if (event.detail === 0) this.tap(this.meant(button));
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
    const name = control?.dataset.k && native ? this.meant(control) : BY_KEYBOARD[event.key] ?? BY_KEYBOARD[event.key.toLowerCase()];
    if (!name) return;
    event.preventDefault();
    if (!event.repeat) this.press("key:" + event.code, name);
  }

  // The key that this cap is now: the shift of a small pad, tapped, holds for the next one. "": none by that cap after shift.
  meant({ dataset: { k, s } }) {
    if (k === SHIFT) return SHIFT;
    const shifted = this.shifted;
    this.shift(false);
    return shifted ? s ?? "" : k;
  }

  shift(on) {
    this.shifted = on;
    clearTimeout(this.forgetting);
    if (on) this.forgetting = setTimeout(() => this.shift(false), SHIFT_MS);
    document.getElementById("keys").classList.toggle("shifted", on);
  }

  press(holder, name) {
    if (name === SHIFT) this.shift(!this.shifted);
    if (name === SHIFT || !name || this.held.has(holder)) return;
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
    const cap = document.querySelector(`[data-k="${name}"]:not([hidden])`) ?? document.querySelector(`[data-s="${name}"]`);
    cap?.classList.toggle("down", down);
    if (cap?.dataset.s === name) document.querySelector(`[data-k="${SHIFT}"]`).classList.toggle("down", down);
  }
}
