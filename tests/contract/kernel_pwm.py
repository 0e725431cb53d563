"""The kernel's PWM in sysfs, for the contract of hal/pwm.py: a folder that looks as on a Pi, and what the kernel does when one of
its files is written (drivers/pwm/sysfs.c and core.c, before 6.11 forgave a state that was invalid already)."""

import errno
import os


class KernelPwm:
    """device: its name, like "fe20c000.pwm". given: pins that dtoverlay=pwm gave to it; None where the tree says nothing.

    late: a new channel is root's alone until udev() was there. taken: channels of other drivers. hertz, tones: heard so far at
    each channel. refused: the errors that were given."""

    def __init__(self, root, device, npwm, number=0, given=None, late=False, taken=()):
        self.folder, self.tree = root / "class/pwm", root / "device-tree"
        self.chip = root / f"devices/platform/soc/{device}/pwm/pwmchip{number}"
        self.chip.mkdir(parents=True)
        (self.chip / "device").symlink_to(f"../../../{device}")
        for name, text in (("npwm", f"{npwm}\n"), ("export", ""), ("unexport", "")):
            (self.chip / name).write_text(text)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / self.chip.name).symlink_to(self.chip)
        if given is not None:
            note = self.tree / "soc/gpio@7e200000/pwm_pins/brcm,pins"
            note.parent.mkdir(parents=True)
            note.write_bytes(b"".join(pin.to_bytes(4, "big") for pin in given))
        self.npwm, self.late, self.taken = npwm, late, set(taken)
        self.states = {number: {"period": 0, "duty_cycle": 0, "enable": 0} for number in range(npwm)}
        self.roots = set()  # channels that udev has not given to the group yet
        self.tones = {number: [] for number in range(npwm)}
        self.refused = []

    def hertz(self, number):
        """What a piezo there sounds at now; 0 is silence."""
        state = self.states[number]
        return round(1e9 / state["period"]) if state["enable"] and 0 < state["duty_cycle"] < state["period"] else 0

    def udev(self):
        """It comes a moment after an export."""
        self.roots.clear()

    def write(self, path, value):
        """write(2) of a number, by the till. Raises OSError as the kernel does."""
        path = path.resolve()
        fault = self.store(path, value)
        if fault:
            self.refused.append(fault)
            raise OSError(fault, os.strerror(fault), str(path))

    def store(self, path, value):
        if path.parent == self.chip and path.name in ("export", "unexport"):
            return (self.export if path.name == "export" else self.unexport)(value)
        if not path.exists():
            return errno.ENOENT
        number = int(path.parent.name.removeprefix("pwm"))
        if number in self.roots:
            return errno.EACCES
        return self.apply(number, self.states[number] | {path.name: value})

    def export(self, number):
        if not 0 <= number < self.npwm:
            return errno.ENODEV
        line = self.chip / f"pwm{number}"
        if number in self.taken or line.exists():
            return errno.EBUSY
        line.mkdir()
        if self.late:
            self.roots.add(number)
        self.show(number)
        return 0

    def unexport(self, number):
        """The hardware goes on as it was."""
        line = self.chip / f"pwm{number}"
        if not line.exists():
            return errno.ENODEV
        for file in line.iterdir():
            file.unlink()
        line.rmdir()
        return 0

    def apply(self, number, state):
        if state["enable"] not in (0, 1) or not 0 <= state["duty_cycle"] <= state["period"] or not state["period"]:
            return errno.EINVAL
        before = self.hertz(number)
        self.states[number] = state
        self.show(number)
        if self.hertz(number) not in (0, before):
            self.tones[number].append(self.hertz(number))
        return 0

    def show(self, number):
        for name, value in self.states[number].items():
            (self.chip / f"pwm{number}" / name).write_text(f"{value}\n")
