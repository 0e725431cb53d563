"""The tests that cannot run under qemu-user, each with the reason. All the others run."""

NO_MICROPYTHON = "MicroPython's wheel is for x86_64 alone; firmware is tried on CPython here"
NO_CHROMIUM = "Chromium, which no Pi runs: the page is the bench's"
NO_STRACE = "strace: qemu-user has no ptrace"
SLICE = "test_a_slice_of_the_campaign_is_clean_and_its_controls_are_caught"

TABLE: "dict[str, dict[str, str]]" = {  # file -> test -> why; "" is all of the file
    "tests/contract/test_spi_node.py": {
        "test_a_file_that_is_no_node_and_a_node_that_is_not_there_raise_os_error": (
            "spidev's ioctl, which qemu-user does not know and never hands to the kernel"
        ),
    },
    "tests/flows/test_micropython.py": {
        "test_the_core_passes_under_micropython": NO_MICROPYTHON,
        "test_a_day_of_200_sales_is_the_same_bytes_on_both_within_the_heap_of_a_small_board": NO_MICROPYTHON,
        "test_a_heap_that_is_too_small_is_found_out": NO_MICROPYTHON,
    },
    "tests/flows/test_page.py": {"": NO_CHROMIUM},
    "tests/flows/test_page_hardware.py": {"": NO_CHROMIUM},
    "tests/golden/test_draw_micropython.py": {
        "test_every_golden_frame_is_the_same_bytes": NO_MICROPYTHON,
        "test_one_letter_more_is_other_bytes": NO_MICROPYTHON,
    },
    "tests/crash/test_campaigns.py": {
        f"{SLICE}[kills]": NO_MICROPYTHON,
        f"{SLICE}[syscall_kills]": NO_STRACE,
        f"{SLICE}[io_faults]": NO_STRACE,
        f"{SLICE}[block_cuts]": "loop devices and FUSE, whose ioctls qemu-user does not know",
    },
}

LEFT_OUT = {f"{file}::{test}" if test else file: why for file, tests in TABLE.items() for test, why in tests.items()}
