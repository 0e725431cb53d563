// The bar at the top: is there power, is there a bench at all, whose till is it, what time is it there. And the lamps.

const DRAWER_MS = 2500; // how long the page says that the drawer opened

export class Top {
  constructor(wire, words) {
    this.words = words;
    this.state = null;
    wire.on("state", (state) => {
      this.state = state;
      this.show();
    });
    wire.on("open", () => this.connected(true));
    wire.on("gone", () => this.connected(false));
    words.changed(() => this.show());
  }

  connected(yes) {
    document.getElementById("gone-pill").hidden = yes;
    document.body.classList.toggle("gone", !yes);
  }

  show() {
    if (!this.state) return;
    const { power, terminal, profile, wall, trusted, lamps } = this.state;
    const pill = document.getElementById("power-pill");
    pill.textContent = this.words.t(`page.power.${power}`);
    pill.className = `pill ${power}`;
    document.body.dataset.power = power;
    document.getElementById("terminal-pill").textContent = `${terminal} · ${profile}`;
    document.getElementById("clock-pill").textContent = trusted ? wall : `${wall} ?`;
    this.lamps(lamps);
    this.drawer(this.state.kicks);
  }

  // A cash drawer that springs open: said for a moment, and not for what happened before this page came.
  drawer(kicks) {
    const pill = document.getElementById("drawer-pill");
    if (this.kicks !== undefined && kicks > this.kicks) {
      pill.hidden = false;
      clearTimeout(this.closing);
      this.closing = setTimeout(() => (pill.hidden = true), DRAWER_MS);
    }
    this.kicks = kicks;
  }

  lamps(lamps) {
    const box = document.getElementById("lamps");
    if (box.children.length !== Object.keys(lamps).length) {
      box.replaceChildren(...Object.keys(lamps).map((name) => {
        const lamp = document.createElement("i");
        lamp.dataset.lamp = name;
        lamp.setAttribute("role", "img");
        return lamp;
      }));
    }
    for (const lamp of box.children) {
      const on = lamps[lamp.dataset.lamp];
      lamp.classList.toggle("on", on);
      lamp.title = this.words.t(`lamp.${lamp.dataset.lamp}`);
      lamp.setAttribute("aria-label", `${lamp.title}: ${this.words.t(on ? "lamp.on" : "lamp.off")}`);
    }
  }
}
