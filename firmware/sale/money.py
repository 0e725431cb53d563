"""Money: whole minor units of one currency, written and read without a float.

The number of decimals is the currency's own (ISO 4217): 1580 is 15.80 in GBP, 1580 in JPY and 1.580 in KWD."""

DIGITS = 8  # of an amount, as typed and as drawn; script.md, "Keys"
LARGEST = 10**DIGITS - 1  # minor units

# ISO 4217, List One: every code in use whose minor unit is not the usual hundredth, then the usual ones.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_HUNDREDTHS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP "
    "CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS "
    "KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
    "TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)


class Currency:
    """code: ISO 4217. decimals: digits after the point, 0 to 3."""

    def __init__(self, code: str, decimals: int):
        self.code = code
        self.decimals = decimals

    def text(self, minor: int) -> str:
        """The amount as people read it: "15.80", "-0.05", "1580" in JPY. No sign of currency, no thousands separator."""
        sign = "-" if minor < 0 else ""
        if not self.decimals:
            return f"{sign}{abs(minor)}"
        unit = 10**self.decimals
        return f"{sign}{abs(minor) // unit}.{abs(minor) % unit:0{self.decimals}d}"

    def read(self, text: str) -> int | None:
        """The minor units of an amount written with exactly this currency's decimals ("3.50"); None when it is not."""
        whole, point, rest = text.partition(".")
        if len(rest) != self.decimals or bool(point) != bool(self.decimals):
            return None
        digits = whole + rest
        return typed(digits) if whole and all(c in "0123456789" for c in digits) and len(digits) <= DIGITS else None


def currency(code: str) -> "Currency | None":
    """The currency of an ISO 4217 code, or None."""
    for codes, decimals in ((_HUNDREDTHS, 2), (_WHOLE, 0), (_THOUSANDTHS, 3)):
        if code in codes.split():
            return Currency(code, decimals)
    return None


def typed(digits: str) -> int:
    """What digits entered from the right amount to: "1250" is 1250 minor units; nothing typed is 0."""
    return int(digits) if digits else 0


def half_up(n: int, d: int) -> int:
    """n / d to the nearest whole, a half away from zero: a refund is the mirror of its sale."""
    return (2 * n + d) // (2 * d) if n >= 0 else -half_up(-n, d)


def apportion(amount: int, weights: "list[int]") -> "list[int]":
    """Split an amount over weights (of a sum above zero) so that the parts sum to it: largest remainder, of equals the first."""
    if amount < 0:
        return [-part for part in apportion(-amount, weights)]
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    # sorted() is not stable in the dialect: the index breaks ties
    by_remainder = sorted((-(amount * weight % whole), i) for i, weight in enumerate(weights))
    for _, i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts
