// The buzzer, for those who want to hear it: off until somebody switches it on.

const TONE_S = 0.06;
const APART_S = 0.09;
const LOUD = 0.04;
const KEPT = "barrow.sound";

export class Sound {
  constructor(wire) {
    this.button = document.getElementById("sound");
    this.context = null;
    this.next = 0;
    this.on = localStorage.getItem(KEPT) === "on";
    this.button.addEventListener("click", () => this.toggle());
    wire.on("tones", ({ hertz }) => this.play(hertz));
    this.show();
  }

  toggle() {
    this.on = !this.on;
    localStorage.setItem(KEPT, this.on ? "on" : "off");
    this.show();
    if (this.on) this.play([2000]);
  }

  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  play(tones) {
    if (!this.on) return;
    this.context ??= new AudioContext();
    this.next = Math.max(this.next, this.context.currentTime);
    for (const hertz of tones) {
      const beep = this.context.createOscillator();
      const volume = this.context.createGain();
      beep.type = "square";
      beep.frequency.value = hertz;
      volume.gain.value = LOUD;
      beep.connect(volume).connect(this.context.destination);
      beep.start(this.next);
      beep.stop(this.next + TONE_S);
      this.next += APART_S;
    }
  }
}
