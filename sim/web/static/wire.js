// The websocket: JSON both ways, pixels and paper as bytes. It comes back by itself when the bench does.

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;

export class Wire {
  constructor(url) {
    this.url = url;
    this.listeners = new Map();
    this.retry = FIRST_RETRY_MS;
    this.socket = null;
  }

  // kind: a message's "t"; "F" and "P" for bytes; "open" and "gone" for the connection itself.
  on(kind, listener) {
    if (!this.listeners.has(kind)) this.listeners.set(kind, []);
    this.listeners.get(kind).push(listener);
  }

  tell(kind, message) {
    for (const listener of this.listeners.get(kind) ?? []) listener(message);
  }

  open() {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.socket = socket;
      this.retry = FIRST_RETRY_MS;
      this.tell("open");
    };
    socket.onmessage = (event) => this.receive(event.data);
    socket.onclose = () => {
      this.socket = null;
      this.tell("gone");
      setTimeout(() => this.open(), this.retry);
      this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
    };
  }

  receive(data) {
    if (data instanceof ArrayBuffer) {
      const bytes = new Uint8Array(data);
      this.tell(String.fromCharCode(bytes[0]), bytes.subarray(1));
    } else {
      const message = JSON.parse(data);
      this.tell(message.t, message);
    }
  }

  send(message) {
    this.socket?.send(JSON.stringify(message));
  }

  // An act on the bench, as a line of the .sale language: act("paper out").
  act(line) {
    this.send({ act: line });
  }
}
