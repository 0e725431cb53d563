// The page's composition: one socket, one word list, and a module for each thing that stands on the bench.
import { Wire } from "./wire.js";
import { Words } from "./words.js";
import { Panel } from "./panel.js";
import { Keypad } from "./keypad.js";
import { Paper } from "./paper.js";
import { Log } from "./log.js";
import { Books } from "./books.js";
import { Knobs } from "./knobs.js";
import { Network } from "./network.js";
import { Hardware } from "./hardware.js";
import { Scripts } from "./scripts.js";
import { Sound } from "./sound.js";
import { Top } from "./top.js";

const words = new Words();
await words.start();
const wire = new Wire(`ws://${location.host}/wire`);

new Top(wire, words);
new Panel(wire, words);
new Keypad(wire, words);
new Paper(wire, words);
new Log(wire, words);
new Books(wire, words);
new Knobs(wire, words);
new Network(wire, words);
new Hardware(wire, words);
new Scripts(wire, words);
new Sound(wire);

wire.open();
