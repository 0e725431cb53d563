// The network panel's dials and what it says: which line carries, is there a session, what waits, what was carried.

const RATES = [0, 9, 40, 115, 384, 1000, 10000]; // kbit/s; 0: no limit
const DIALS = ["latency", "loss", "rate"];

export class Network {
  constructor(wire, words) {
    this.wire = wire;
    this.words = words;
    this.state = null;
    for (const id of DIALS) this.dial(id, () => this.turn());
    this.dial("csq", (value) => this.wire.act(`modem csq ${value}`));
    wire.on("state", (state) => this.show(state));
    words.changed(() => this.state && this.show(this.state));
  }

  // What is drawn along is shown at once, and done when it is let go.
  dial(id, done) {
    const slider = document.getElementById(id);
    slider.addEventListener("input", () => this.tell(id, slider.value));
    slider.addEventListener("change", () => done(slider.value));
  }

  turn() {
    const [latency, loss, rate] = DIALS.map((id) => Number(document.getElementById(id).value));
    this.wire.act(`net ${this.state.net} latency=${latency}ms loss=${loss}% rate=${RATES[rate] ? `${RATES[rate]}kbit` : 0}`);
  }

  tell(id, value) {
    const said = {
      csq: (v) => `${-113 + 2 * v} dBm`,
      latency: (v) => `${v} ms`,
      loss: (v) => `${v} %`,
      rate: (v) => (RATES[v] ? (RATES[v] < 1000 ? `${RATES[v]} kbit` : `${RATES[v] / 1000} Mbit`) : this.words.t("page.net.full")),
    };
    document.getElementById(`${id}-value`).textContent = said[id](Number(value));
  }

  show(state) {
    this.state = state;
    const { link, queued, latency, loss, rate, csq, wifi, cell, percent, trouble } = state;
    const at = { csq, latency, loss: Math.round(loss), rate: this.nearest(rate) };
    for (const [id, value] of Object.entries(at)) {
      const slider = document.getElementById(id);
      if (document.activeElement !== slider || !slider.matches(":active")) {
        slider.value = value;
        this.tell(id, value);
      }
    }
    const session = this.words.t(state.online ? "page.net.online" : "page.net.no_session");
    const why = trouble.find((word) => word) ?? "";
    const title = document.getElementById("net-state");
    title.textContent = [this.words.t(`page.net.${link}`), session, why && this.words.t(`page.net.${why}`)].filter(Boolean).join(" · ");
    title.dataset.online = state.online;
    document.getElementById("carried").textContent = this.words.t("page.net.carried", { queued, wifi, cell, percent });
  }

  nearest(rate) {
    return Math.max(0, RATES.findIndex((kbit) => kbit >= rate));
  }
}
