// The panel, 128 or 256 dots wide: pages in the order of an SSD1306 (page p, column x at p*width+x, bit 0 on top), drawn lit
// pixel by lit pixel.

const NARROW = 128;
const HIGH = 64;
const DOT = 8; // canvas pixels a dot
const GAP = 1;
const SHOT = 4; // pixels a dot in a screenshot
// by chip: a lit dot, what spills over between two of them, the glow; and how wide its glass is, in mm
const BLUE = { lit: "#c4eaff", between: "#6fbbe8", glow: "#57b8ff" };
const WHITE = { lit: "#f4f7f8", between: "#b3bec4", glow: "#b9cfdb" };
const AMBER = { lit: "#ffdf9c", between: "#dba24a", glow: "#ff9f2e" };
const GLASS = {
  ssd1306: { ...BLUE, mm: 22 }, ssd1309: { ...BLUE, mm: 55 }, sh1106: { ...WHITE, mm: 29 }, ssd1322: { ...AMBER, mm: 69 },
};
const DARK = "#040608";

export class Panel {
  constructor(wire, words) {
    this.words = words;
    this.box = document.getElementById("panel");
    this.glass = this.box.querySelector(".glass").getContext("2d");
    this.glow = this.box.querySelector(".glow").getContext("2d", { willReadFrequently: true });
    this.bytes = new Uint8Array(NARROW * HIGH / 8);
    this.chip = "ssd1309";
    wire.on("F", (bytes) => this.draw(bytes));
    wire.on("screen", (screen) => this.describe(screen));
    wire.on("state", ({ panel }) => this.fit(panel));
    words.changed(() => this.fit(this.chip));
    wire.on("gone", () => this.draw(new Uint8Array(this.bytes.length)));
    document.getElementById("shot").addEventListener("click", () => this.screenshot());
    const actual = document.getElementById("actual");
    actual.addEventListener("change", () => document.body.classList.toggle("actual-size", actual.checked));
    this.draw(this.bytes);
  }

  // Which panel it is: how it shines, and what room the case has for it.
  fit(chip) {
    document.getElementById("actual-name").textContent = this.words.t("page.actual", { mm: GLASS[chip].mm });
    if (chip === this.chip) return;
    this.chip = chip;
    document.querySelector(".till").dataset.chip = chip;
    this.draw(this.bytes);
  }

  draw(bytes) {
    this.bytes = bytes;
    if (this.glow.canvas.width !== this.wide) {
      this.glow.canvas.width = this.wide;
      this.glass.canvas.width = this.wide * DOT;
    }
    this.glass.clearRect(0, 0, this.wide * DOT, HIGH * DOT);
    this.glow.clearRect(0, 0, this.wide, HIGH);
    const { lit, between, glow } = GLASS[this.chip];
    this.glow.fillStyle = glow;
    for (const [x, y] of this.lit()) {
      this.glass.fillStyle = between;
      this.glass.fillRect(x * DOT, y * DOT, DOT, DOT);
      this.glass.fillStyle = lit;
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
    paint.fillStyle = GLASS[this.chip].lit;
    for (const [x, y] of this.lit()) paint.fillRect(x * SHOT, y * SHOT, SHOT, SHOT);
    const link = document.createElement("a");
    link.download = `barrow-${this.box.dataset.screen}.png`;
    link.href = canvas.toDataURL("image/png");
    link.click();
  }
}
