// The keypads as they lie under a hand: where each key sits, what stands on it. What the keys of a small pad mean, alone and
// after its shift, is the affair of its map (config/keymaps), which the bench tells.

export const FULL = "matrix-28";
export const SHIFT = "SHIFT";
export const SOFT = ["F1", "F2", "F3"];

// name -> what stands on the cap, its colour, the laptop's key as printed small on the cap
const FACES = {
  MENU: ["MENU", "dark", "M"], UP: ["▲", "dark", "↑"], DOWN: ["▼", "dark", "↓"], PLU: ["PLU", "dark", "P"],
  CANCEL: ["✕", "red", "Esc"], BACK: ["←", "yellow", "⌫"], TIMES: ["×", "dark", "*"], OK: ["○", "green", "⏎"],
  5: ["5", "five", ""], "00": ["00", "", "/"],
  CASH: ["CASH", "orange", "C"], CARD: ["CARD", "orange", "D"], QR: ["QR", "orange", "Q"], PRINT: ["PRINT", "dark", "R"],
  [SHIFT]: ["⇧", "shift", ""], NUM: ["Num", "dark", ""],
};

export const CAPS = [
  "MENU", "UP", "DOWN", "PLU", "1", "2", "3", "CANCEL", "4", "5", "6", "BACK", "7", "8", "9", "TIMES", "00", "0", ".", "OK",
  "CASH", "CARD", "QR", "PRINT",
];

// scan code, and how its cap is shaped where it is more than one wide or high
const PADS = {
  "pad-4x4": [
    [2], [3], [4], [30], [5], [6], [7], [48], [8], [9], [10], [46], [55], [11], [43], [32],
  ],
  "usb-number-pad": [
    [69], [98], [55], [74], [71], [72], [73], [78, "tall"], [75], [76], [77], [79], [80], [81], [96, "tall"], [82, "broad"], [83],
  ],
};

export function face(name) {
  const [text, colour, hint] = FACES[name] ?? [name, "", ""];
  return { text, colour, hint };
}

// The caps of a small pad, row by row: {name, other, shape}; other is what it means after the shift.
export function caps({ name, keys, shift, shifted }) {
  return PADS[name].map(([code, shape]) => {
    const meaning = code === shift ? SHIFT : keys[code] ?? "NUM";
    return { name: meaning, other: shifted[code] ?? "", shape: shape ?? "" };
  });
}

// What one presses for a key, as it stands on the caps: ["F1"], or ["⇧", "4"].
export function strokes(map, name) {
  const known = map.name === FULL || Object.values(map.keys).includes(name);
  if (known) return [face(name).text];
  const code = Object.keys(map.shifted).find((each) => map.shifted[each] === name);
  return [face(SHIFT).text, face(map.keys[code]).text];
}
