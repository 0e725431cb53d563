// The panel, 128 or 256 dots wide: pages in the order of an SSD1306 (page p, column x at p*width+x, bit 0 on top), drawn lit
// pixel by lit pixel.

const NARROW = 128;
const HIGH = 64;
const DOT = 8; // canvas pixels a dot
const GAP = 1;
const SHOT = 4; // pixels a dot in a screenshot
const LIT = "#c4eaff";
const BETWEEN = "#6fbbe8"; // what spills over between two lit dots
const DARK = "#040608";

export class Panel {
  constructor(wire, words) {
    this.words = words;
    this.box = document.getElementById("panel");
    this.glass = this.box.querySelector(".glass").getContext("2d");
    this.glow = this.box.querySelector(".glow").getContext("2d", { willReadFrequently: true });
    this.bytes = new Uint8Array(NARROW * HIGH / 8);
    wire.on("F", (bytes) => this.draw(bytes));
    wire.on("screen", (screen) => this.describe(screen));
    wire.on("gone", () => this.draw(new Uint8Array(this.bytes.length)));
    document.getElementById("shot").addEventListener("click", () => this.screenshot());
    const actual = document.getElementById("actual");
    actual.addEventListener("change", () => document.body.classList.toggle("actual-size", actual.checked));
    this.draw(this.bytes);
  }

  draw(bytes) {
    this.bytes = bytes;
    if (this.glow.canvas.width !== this.wide) {
      this.glow.canvas.width = this.wide;
      this.glass.canvas.width = this.wide * DOT;
      this.box.classList.toggle("wide", this.wide > NARROW);
    }
    this.glass.clearRect(0, 0, this.wide * DOT, HIGH * DOT);
    this.glow.clearRect(0, 0, this.wide, HIGH);
    this.glow.fillStyle = "#57b8ff";
    for (const [x, y] of this.lit()) {
      this.glass.fillStyle = BETWEEN;
      this.glass.fillRect(x * DOT, y * DOT, DOT, DOT);
      this.glass.fillStyle = LIT;
      this.glass.fillRect(x * DOT + GAP / 2, y * DOT + GAP / 2, DOT - GAP, DOT - GAP);
      this.glow.fillRect(x, y, 1, 1);
    }
  }

  get wide() {
    return this.bytes.length * 8 / HIGH;
  }

  *lit() {
    for (let i = 0; i < this.bytes.length; i++) {
      for (let bit = 0; this.bytes[i] >> bit; bit++) {
        if (this.bytes[i] >> bit & 1) yield [i % this.wide, Math.floor(i / this.wide) * 8 + bit];
      }
    }
  }

  // The same screen as words: for those who listen to it, and for tests.
  describe(screen) {
    this.box.dataset.screen = screen.id;
    this.box.dataset.lang = screen.lang;
    this.box.dataset.fields = JSON.stringify(screen.fields);
    const says = document.getElementById("says");
    says.lang = screen.lang === "zh" ? "zh-CN" : "en";
    says.textContent = screen.says.join("\n");
  }

  screenshot() {
    const canvas = document.createElement("canvas");
    canvas.width = this.wide * SHOT;
    canvas.height = HIGH * SHOT;
    const paint = canvas.getContext("2d");
    paint.fillStyle = DARK;
    paint.fillRect(0, 0, canvas.width, canvas.height);
    paint.fillStyle = LIT;
    for (const [x, y] of this.lit()) paint.fillRect(x * SHOT, y * SHOT, SHOT, SHOT);
    const link = document.createElement("a");
    link.download = `barrow-${this.box.dataset.screen}.png`;
    link.href = canvas.toDataURL("image/png");
    link.click();
  }
}
