// The right side: what one can do to the world around the till. Every knob is an act in the words of the .sale language,
// shows what the bench says it is, and is not on the page when this bench has no such thing.
import { strokes } from "./pads.js";

// where, the state's key, its value on this button, the act, the word on it
const CHOICES = [
  ["net", "net", "wifi", "net wifi", "page.net.wifi"],
  ["net", "net", "4g", "net 4g", "page.net.4g"],
  ["net", "net", "both", "net both", "page.net.both"],
  ["net", "net", "off", "net off", "page.net.off"],
  ["net", "net", "captive", "net captive", "page.net.captive"],
  ["cell", "net", "hole", "net hole", "page.net.hole"],
  ["cell", "registration", "home", "modem registration home", "page.net.home"],
  ["cell", "registration", "roaming", "modem registration roaming", "page.net.roaming"],
  ["cell", "registration", "searching", "modem registration searching", "page.net.searching"],
  ["cell", "registration", "denied", "modem registration denied", "page.net.denied"],
  ["roll-knobs", "paper", "ok", "paper in", "page.paper.in"],
  ["roll-knobs", "paper", "near_end", "paper near-end", "page.paper.near_end"],
  ["roll-knobs", "paper", "out", "paper out", "page.paper.out"],
  ["stick", "stick", "in", "stick in", "page.stick.in"],
  ["stick", "stick", "out", "stick out", "page.stick.out"],
  ["stick", "stick", "full", "stick full", "page.stick.full"],
  ["stick", "stick", "dying", "stick dying", "page.stick.dying"],
  ["fit-panel", "panel", "ssd1309", "fit panel ssd1309", "page.panel.ssd1309"],
  ["fit-panel", "panel", "ssd1306", "fit panel ssd1306", "page.panel.ssd1306"],
  ["fit-panel", "panel", "sh1106", "fit panel sh1106", "page.panel.sh1106"],
  ["fit-panel", "panel", "ssd1322", "fit panel ssd1322", "page.panel.ssd1322"],
  ["fit-keypad", "keypad", "matrix-28", "fit keypad matrix-28", "page.keypad.full"],
  ["fit-keypad", "keypad", "pad-4x4", "fit keypad pad-4x4", "page.keypad.pad"],
  ["fit-keypad", "keypad", "usb-number-pad", "fit keypad usb-number-pad", "page.keypad.numbers"],
  ["fit-scanner", "scanner", "hid", "fit scanner hid", "page.scanner.hid"],
  ["fit-scanner", "scanner", "serial", "fit scanner serial", "page.scanner.serial"],
  ["fit-printer", "printer", "58mm", "fit printer 58mm", "page.printer.58"],
  ["fit-printer", "printer", "80mm", "fit printer 80mm", "page.printer.80"],
  ["fit-printer", "printer", "58mm-usb", "fit printer 58mm-usb", "page.printer.58-usb"],
];

// where, the state's key, the act that switches it on, the one that switches it off, the word
const SWITCHES = [
  ["printer-knobs", "cover", "cover open", "cover closed", "page.cover"],
  ["printer-knobs", "silent", "printer silent", "printer answering", "page.silent"],
  ["world", "disk_full", "disk full", "disk ok", "page.disk_full"],
  ["cell", "lost", "modem drop", "modem restore", "page.net.lost"],
  ["cell", "dropped", "modem silent", "modem restore", "page.net.dropped"],
  ["cell", "hung", "modem hang", "modem reboot", "page.net.hung"],
  ["cell", "pin", "modem pin 1234", "modem pin none", "page.net.pin"],
  ["cell", "broker_down", "broker down", "broker up", "page.broker_down"],
  ["cell", "fleet_down", "fleet down", "fleet up", "page.fleet_down"],
];

const CLOCK = [
  ["world", "clock -2h", "page.clock.back"],
  ["world", "clock +2h", "page.clock.on"],
  ["world", "clock lost", "page.clock.lost"],
];

export class Knobs {
  constructor(wire, words) {
    this.wire = wire;
    this.words = words;
    this.state = {};
    this.keypad = null;
    for (const [where, key, value, act, word] of CHOICES) this.button(where, act, word, { key, value });
    for (const [where, key, on, off, word] of SWITCHES) this.button(where, on, word, { key, off });
    for (const [where, act, word] of CLOCK) this.button(where, act, word, {});
    this.battery();
    this.scanner();
    addEventListener("click", (event) => this.clicked(event.target.closest?.("[data-act]")));
    wire.on("hello", (hello) => this.hello(hello));
    wire.on("state", (state) => this.show(state));
    wire.on("keypad", (map) => {
      this.keypad = map;
      this.first(this.greeting);
    });
    words.changed(() => {
      if (this.greeting) this.hello(this.greeting);
      this.show(this.state);
    });
  }

  button(where, act, word, { key, value, off }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.dataset.act = act;
    button.dataset.t = word;
    if (key) button.dataset.key = key;
    if (value) button.dataset.value = value;
    if (off) button.dataset.off = off;
    button.textContent = this.words.t(word);
    document.getElementById(where).append(button);
  }

  clicked(button) {
    if (!button) return;
    const on = button.getAttribute("aria-pressed") === "true";
    this.wire.act(on && button.dataset.off ? button.dataset.off : button.dataset.act);
  }

  show(state) {
    this.state = state;
    for (const button of document.querySelectorAll("[data-key]")) {
      const value = state[button.dataset.key];
      button.hidden = value === undefined || value === null;
      button.setAttribute("aria-pressed", String(button.dataset.value ? value === button.dataset.value : value === true));
    }
    const { powered, battery, metres } = state;
    document.getElementById("cut").disabled = !powered;
    document.getElementById("boot").disabled = powered;
    if (document.activeElement?.id !== "battery") document.getElementById("battery").value = battery;
    document.getElementById("battery-value").textContent = `${battery} %`;
    document.getElementById("metres").textContent = metres === undefined ? "" : this.words.t("page.metres", { m: metres });
  }

  battery() {
    const slider = document.getElementById("battery");
    slider.addEventListener("input", () => this.wire.act(`battery ${slider.value}%`));
  }

  scanner() {
    const code = document.getElementById("code");
    document.getElementById("scan-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (code.value) this.wire.send({ scan: code.value });
      code.blur();
    });
  }

  hello(hello) {
    this.greeting = hello;
    const code = document.getElementById("code");
    if (!code.value) code.value = hello.items.at(-1)?.code ?? "";
    document.getElementById("items").replaceChildren(...hello.items.map((item) => this.item(item)));
    if (this.keypad) this.first(hello);
  }

  item({ code, names }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.title = code;
    button.append(names[this.words.lang] ?? Object.values(names)[0]);
    button.addEventListener("click", () => this.wire.send({ scan: code }));
    return button;
  }

  // For whoever has never seen the till: the keys of a first sale, as caps.
  first({ first }) {
    const box = document.getElementById("first");
    box.hidden = !first.length || localStorage.getItem("barrow.first") === "hidden";
    document.getElementById("first-hide").onclick = () => {
      localStorage.setItem("barrow.first", "hidden");
      box.hidden = true;
    };
    document.getElementById("first-keys").replaceChildren(...first.flatMap(({ keys, says }) => {
      const word = document.createElement("span");
      word.append(typeof says === "string" ? this.words.t(says) : says[this.words.lang]);
      const caps = keys.flatMap((key) => strokes(this.keypad, key));
      return [...caps.map((cap) => Object.assign(document.createElement("kbd"), { textContent: cap })), word];
    }));
  }
}
