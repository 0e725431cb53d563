// Thermal paper: rows of 384 dots, or 576, bit 7 leftmost, 1 is burnt. A strip grows as the head prints.

const INK = [38, 34, 44];
const GROW = 512; // rows of room at a time: setting a canvas's height clears it, so do it seldom

export class Strip {
  constructor(dots) {
    this.dots = dots;
    this.rows = 0;
    this.canvas = document.createElement("canvas");
    this.canvas.width = dots;
    this.canvas.height = 0;
    this.box = document.createElement("span");
    this.box.className = "strip";
    this.box.append(this.canvas);
    this.box.style.setProperty("--dots", dots);
  }

  append(bytes) {
    const count = Math.floor(bytes.length * 8 / this.dots);
    if (!count) return;
    const paint = this.room(this.rows + count);
    const image = paint.createImageData(this.dots, count);
    for (let i = 0; i < count * this.dots; i++) {
      if (bytes[i >> 3] >> (7 - i % 8) & 1) image.data.set([...INK, 255], i * 4);
    }
    paint.putImageData(image, 0, this.rows);
    this.rows += count;
    this.box.style.setProperty("--rows", this.rows);
    this.canvas.style.setProperty("--room", this.canvas.height);
  }

  // Every four dots as one grey: drawn at less than half its size, a strip would lose its thin lines.
  halve() {
    const small = document.createElement("canvas");
    small.width = this.canvas.width / 2;
    small.height = this.canvas.height / 2;
    const paint = small.getContext("2d");
    paint.imageSmoothingQuality = "high";
    paint.drawImage(this.canvas, 0, 0, small.width, small.height);
    small.style.setProperty("--room", this.canvas.height);
    this.canvas.replaceWith(small);
  }

  room(rows) {
    const paint = this.canvas.getContext("2d", { willReadFrequently: true });
    if (rows <= this.canvas.height) return paint;
    const kept = this.rows ? paint.getImageData(0, 0, this.dots, this.rows) : null;
    this.canvas.height = Math.ceil(rows / GROW) * GROW;
    if (kept) paint.putImageData(kept, 0, 0);
    return paint;
  }
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
