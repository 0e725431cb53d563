"""Wall time as people write it: the calendar, without a time module (those of the two interpreters differ).

Local seconds are UTC seconds plus the offset in force."""

DAY = 86_400


def day_text(local_s: int) -> str:
    """Like 2026-11-21."""
    year, month, day = civil(local_s // DAY)
    return f"{year:04d}-{month:02d}-{day:02d}"


def clock_text(local_s: int) -> str:
    """Like 14:32."""
    return f"{local_s % DAY // 3600:02d}:{local_s % 3600 // 60:02d}"


def text(local_s: int) -> str:
    """Like 2026-11-21 14:32."""
    return day_text(local_s) + " " + clock_text(local_s)


def civil(days: int) -> "tuple[int, int, int]":
    """Year, month and day, days after 1970-01-01 (Howard Hinnant, chrono-compatible date algorithms, civil_from_days)."""
    days += 719_468  # to 0000-03-01: a year that starts in March ends with its leap day
    era = days // 146_097
    of_era = days % 146_097
    of_cycle = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * of_cycle + of_cycle // 4 - of_cycle // 100)
    march = (5 * of_year + 2) // 153
    month = march + 3 if march < 10 else march - 9
    year = of_cycle + era * 400 + (1 if month <= 2 else 0)
    return year, month, of_year - (153 * march + 2) // 5 + 1


def days(year: int, month: int, day: int) -> int | None:
    """Days after 1970-01-01, the way back of civil; None when there is no such day."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    since_march = year - 1 if month <= 2 else year
    of_cycle = since_march % 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    of_era = of_cycle * 365 + of_cycle // 4 - of_cycle // 100 + of_year
    found = since_march // 400 * 146_097 + of_era - 719_468
    return found if civil(found) == (year, month, day) else None


def local_seconds(year: int, month: int, day: int, hour: int, minute: int) -> int | None:
    """The way back of text; None when there is no such day or hour."""
    found = days(year, month, day)
    if found is None or not 0 <= hour < 24 or not 0 <= minute < 60:
        return None
    return found * DAY + hour * 3600 + minute * 60
