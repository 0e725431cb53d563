// The hardware drawer: what is fitted, and the six cables. What is fitted otherwise, or pulled out, shows on the till too.

const DEVICES = ["keypad", "scanner", "panel", "printer", "modem", "stick"];
const KEYPADS = { "matrix-28": "page.keypad.full", "pad-4x4": "page.keypad.pad", "usb-number-pad": "page.keypad.numbers" };
// a window of this height has room for one drawer of the right side, or for both
const ONE = matchMedia("(min-height: 750px)");
const BOTH = matchMedia("(min-height: 975px)");

export class Hardware {
  constructor(wire, words) {
    this.words = words;
    this.state = null;
    this.box = document.getElementById("hardware");
    this.network = document.getElementById("net-more");
    document.getElementById("plugs").append(...DEVICES.map((device) => this.plug(device)));
    words.fill(this.box);
    wire.on("state", (state) => this.show(state));
    words.changed(() => this.state && this.show(this.state));
    for (const room of [ONE, BOTH]) room.addEventListener("change", () => this.fold());
    this.box.addEventListener("toggle", () => this.makeRoom(this.box, this.network));
    this.network.addEventListener("toggle", () => this.makeRoom(this.network, this.box));
    this.fold();
  }

  fold() {
    this.box.open = ONE.matches;
    this.network.open = BOTH.matches;
  }

  makeRoom(opened, other) {
    if (opened.open && !BOTH.matches) other.open = false;
  }

  // A knob as those of knobs.js, which turns it and shows how it stands.
  plug(device) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plug";
    button.dataset.act = `cable ${device} in`;
    button.dataset.off = `cable ${device} out`;
    button.dataset.key = `plug_${device}`;
    button.dataset.tTitle = "page.plug.note";
    const name = document.createElement("span");
    name.dataset.t = `page.plug.${device}`;
    button.append(document.getElementById("plug").content.cloneNode(true), name);
    return button;
  }

  show(state) {
    this.state = state;
    const { panel, keypad, printer } = state;
    const said = [this.words.t(`page.panel.${panel}`), this.words.t(KEYPADS[keypad]), this.words.t(`page.printer.${printer.replace("mm", "")}`)];
    document.getElementById("fitted").textContent = said.join(" · ");
    for (const device of ["keypad", "panel"]) document.querySelector(".till").classList.toggle(`no-${device}`, !state[`plug_${device}`]);
  }
}
