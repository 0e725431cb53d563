// The paper: it rises from the slot while it is printed, is torn off by a click, and lies in the tray until it is thrown away.
import { Strip, fromBase64 } from "./dots.js";

const NARROW = 384; // dots of the usual 58 mm roll

export class Paper {
  constructor(wire, words) {
    this.wire = wire;
    this.words = words;
    this.roll = document.getElementById("roll");
    this.window = this.roll.querySelector(".rows");
    this.tray = document.getElementById("tray");
    this.slips = document.getElementById("slips");
    this.dialog = document.getElementById("slip-dialog");
    this.fresh(NARROW);
    wire.on("strip", ({ dots }) => this.fresh(dots));
    wire.on("P", (bytes) => this.print(bytes));
    wire.on("text", (message) => this.write(message.lines));
    wire.on("tray", (message) => this.lay(message.slips));
    document.getElementById("tear").addEventListener("click", () => wire.send({ page: "tear" }));
    document.getElementById("clear-tray").addEventListener("click", () => wire.send({ page: "clear" }));
    document.getElementById("slip-close").addEventListener("click", () => this.dialog.close());
    words.changed(() => words.fill(this.slips));
  }

  fresh(dots) {
    this.strip = new Strip(dots);
    document.querySelector(".till").style.setProperty("--head", dots);
    this.window.replaceChildren(this.strip.box);
    this.roll.hidden = true;
    this.write([]);
  }

  print(bytes) {
    this.strip.append(bytes);
    this.roll.hidden = this.strip.rows === 0;
  }

  write(lines) {
    document.getElementById("paper").textContent = lines.join("\n");
  }

  lay(slips) {
    this.tray.hidden = slips.length === 0;
    document.getElementById("stage").classList.toggle("with-tray", slips.length > 0);
    this.slips.style.setProperty("--across", Math.max(NARROW, ...slips.map(({ dots }) => dots)));
    this.slips.replaceChildren(...slips.toReversed().map((slip) => this.slip(slip)));
    this.words.fill(this.slips);
  }

  slip(slip) {
    const strip = new Strip(slip.dots);
    strip.append(fromBase64(slip.rows));
    if (devicePixelRatio < 1.5) strip.halve();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "slip torn";
    button.dataset.tTitle = "page.slip.open";
    button.append(strip.box);
    const text = document.createElement("pre");
    text.className = "unseen";
    text.textContent = slip.text.join("\n");
    button.append(text);
    button.addEventListener("click", () => this.open(slip));
    return button;
  }

  open(slip) {
    const strip = new Strip(slip.dots);
    strip.append(fromBase64(slip.rows));
    document.getElementById("slip-whole").replaceChildren(strip.box);
    this.dialog.showModal();
  }
}
