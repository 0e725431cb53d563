# ruff: noqa: E501  # one frame a line: a table is read in columns
"""Frames of every shape in both languages: what the drawing is judged by, before any screen of the firmware exists.

`python -m tests.golden.draw_frames` draws them on one sheet, out/draw_samples.png."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from hal.draw.pack.load import panel_glyphs
from hal.draw.render import render
from hal.ports.frame import ELIDE, ICONS, NO_SOFT, Frame, Row, Status, Text
from hal.qr import modules
from sim.golden import picture

SHEET = Path(__file__).parents[2] / "out/draw_samples.png"
NAME = "Ceremonial matcha set with bamboo whisk and bowl"


def status(offline: bool = False, queued: int = 0, link: str = "4g", training: bool = False, battery: int = 78) -> Status:
    return Status("14:32", queued, link, 4 if link == "4g" else 3, battery, offline, training)


def soft(*words: str) -> tuple[Text, Text, Text]:
    first, second, third = (Text(word) for word in words)
    return first, second, third


def lines(*rows: tuple[str, str]) -> list[Row]:
    return [Row(Text(left, ELIDE), Text(right) if right else None) for left, right in rows]


def notes(*words: str) -> list[Text]:
    return [Text(word) for word in words]


def frame(id: str, lang: str, **parts: object) -> Frame:
    parts.setdefault("status", status())
    parts.setdefault("soft", NO_SOFT)
    if isinstance(parts.get("title"), str):
        parts["title"] = Text(str(parts["title"]))
    for key in ("label", "big", "heading"):
        if isinstance(parts.get(key), str):
            parts[key] = Text(str(parts[key]))
    return Frame(id, {}, lang, **parts)  # type: ignore[arg-type]


CART = lines(
    ("3 Coffee", "10.50"), ("2 Pork bun", "7.00"), ("1 Oolong L", "3.80"), ("2 Egg tart", "5.00"), (f"1 {NAME}", "48.00")
)
MENU = [
    Row(Text(f"{i} {word}"))
    for i, word in enumerate(("Void last", "Refund", "Member", "Prepaid", "Held", "Shift", "Stock", "Reports", "Settings"), 1)
]
SETTINGS = lines(("1 Language", "English"), ("2 Brightness", "80%"), ("3 Printer", "Auto"), ("4 Network", "4G"), ("5 Keys", "On"))
CART_ZH = lines(
    ("3 豆浆", "10.50"), ("2 鲜肉包", "7.00"), ("1 乌龙茶 大杯", "3.80"), ("1 特级抹茶套装（含竹茶筅与茶碗）", "148.00")
)
MENU_ZH = [
    Row(Text(f"{i} {word}"))
    for i, word in enumerate(("撤销上一单", "退货", "会员", "储值卡", "挂单", "交班", "库存", "报表", "设置"), 1)
]
LANGUAGES = lines(("1 English", ""), ("2 中文", ""))


def english() -> list[Frame]:
    fav = soft("Coffee", "Bun", "Tea")
    return [
        frame("idle", "en", title="Barrow Teas", label="GBP", big="0.00", notes=notes("Price, scan or PLU"), soft=fav),
        frame("amount", "en", title="New item", label="Price", big="8.50", soft=fav),
        frame("amount-times", "en", title="New item", label="2 x", big="8.50", notes=notes("= 17.00"), soft=fav),
        frame("amount-widest", "en", title="New item", label="Price", big="999999.99", notes=notes("= 999999.99"), soft=fav),
        frame("cart", "en", title="Cart  5 items", rows=CART, foot=Row(Text("TOTAL"), Text("74.30")), soft=fav),
        frame("cart-selected", "en", title="Cart  5 items", rows=CART, selected=1, foot=Row(Text("TOTAL"), Text("74.30")), soft=fav),
        frame("cart-one", "en", title="Cart  1 item", rows=CART[:1], foot=Row(Text("TOTAL"), Text("10.50")), soft=fav),
        frame("tender", "en", title="Pay", label="Due", big="15.80", notes=notes("CASH or type what you get")),
        frame("cash", "en", title="Cash", label="Due", big="15.80", notes=notes("OK = exact"), soft=soft("20", "50", "")),
        frame("cash-given", "en", title="Cash", label="Given", big="20.00", notes=notes("Due 15.80", "Change 4.20"), soft=soft("20", "50", "")),
        frame("paid", "en", label="CHANGE", big="4.20", notes=notes("Cash 20.00   No 0148"), lit=True, soft=soft("Receipt", "Drawer", "New")),
        frame("approved", "en", icon="tick", heading="APPROVED", big="15.80", notes=notes("Visa ..4421  A81Q2F"), lit=True, soft=soft("Print", "QR", "New")),
        frame("refused", "en", title="Card", icon="cross", heading="DECLINED", notes=notes("Not enough funds", "Nothing was taken"), soft=soft("Retry", "Other", "Void")),
        frame("in_doubt", "en", title="Card", icon="doubt", heading="NO ANSWER YET", notes=notes("Do NOT charge again.", "Asking the bank: try 3"), soft=soft("Ask now", "Park", "Help")),
        frame("paper_out", "en", title="Printer", icon="paper", heading="Paper out", notes=notes("Put in a roll.", "0148 then prints."), soft=soft("", "Skip", "")),
        frame("recovered", "en", title="Recovered", icon="plug", heading="Power came back", notes=notes("Sale 0148 of 15.80 is safe. Change was 4.20.", "OK prints the slip."), soft=soft("", "", "")),
        frame("offline", "en", title="OFFLINE", status=status(True, 12, "off"), label="GBP", big="0.00", notes=notes("Price, scan or PLU", "12 sales safe here"), soft=fav),
        frame("held", "en", title="Held", rows=lines(("1 14:02 Pork bun", "7.00"), ("2 14:11 Oolong L", "13.80"), (f"5 14:30 {NAME}", "148.00")), selected=1),
        frame("menu", "en", title="Menu", rows=MENU, selected=2),
        frame("settings", "en", title="Settings", rows=SETTINGS, selected=1, soft=soft("Back", "", "Open")),
        frame("languages", "en", title="Language", rows=LANGUAGES, selected=1),
        frame("confirm", "en", title="Cart", icon="warn", heading="Void the cart?", notes=notes("5 lines, 74.30", "OK yes   BACK no")),
        frame("login", "en", title="Stall 3", icon="lock", heading="Staff PIN", notes=notes("or tap staff card"), soft=soft("Lang", "", "Off")),
        frame("item", "en", title="Price check", icon="scan", heading="Code or scan", notes=notes("digits then OK")),
        frame("item-answer", "en", title="Price check", label="Price", big="48.00", notes=[Text(NAME, ELIDE), Text("OK adds it")]),
        frame("clock_check", "en", title="Clock", icon="clock", heading="2026-11-21 14:32", notes=notes("Is this right?", "OK, or type the time")),
        frame("drawer", "en", title="No sale", icon="drawer", heading="Drawer open", notes=notes("Close it to go on")),
        frame("notice", "en", title="Training", status=status(training=True, queued=3, link="wifi", battery=9), icon="info", heading="Training", notes=notes("Nothing here is sold.")),
        frame("z_report", "en", title="Z 0147", rows=lines(("Sales 128", "1,482.50"), ("Card 71", "903.10"), ("Expected", "612.40"), ("Counted", "610.40"), ("Short", "-2.00"))),
        frame("qr", "en", label="Scan to pay", big="15.80", notes=notes("waiting 42 s"), qr="HTTPS://BRW.IO/P/7K3F9Q2M/1580", soft=soft("", "", "Cancel")),
    ]  # fmt: skip


def chinese() -> list[Frame]:
    fav = soft("豆浆", "包子", "茶")
    return [
        frame("idle", "zh", title="百味茶摊", label="CNY", big="0.00", notes=notes("金额 / 扫码 / 编号"), soft=fav),
        frame("amount", "zh", title="新商品", label="单价", big="8.50", soft=fav),
        frame("amount-times", "zh", title="新商品", label="2 ×", big="8.50", notes=notes("= 17.00"), soft=fav),
        frame("amount-widest", "zh", title="新商品", label="单价", big="999999.99", notes=notes("= 999999.99"), soft=fav),
        frame("cart", "zh", title="购物车 4件", rows=CART_ZH, foot=Row(Text("合计"), Text("169.30")), soft=fav),
        frame("cart-selected", "zh", title="购物车 4件", rows=CART_ZH, selected=1, foot=Row(Text("合计"), Text("169.30")), soft=fav),
        frame("tender", "zh", title="收款", label="应收", big="15.80", notes=notes("按现金，或输入实收")),
        frame("cash", "zh", title="现金", label="应收", big="15.80", notes=notes("确认键＝刚好"), soft=soft("20", "50", "100")),
        frame("cash-given", "zh", title="现金", label="实收", big="20.00", notes=notes("应收 15.80  找零 4.20"), soft=soft("20", "50", "")),
        frame("paid", "zh", label="找零", big="4.20", notes=notes("现金 20.00  单号 0148"), lit=True, soft=soft("小票", "钱箱", "下一单")),
        frame("approved", "zh", icon="tick", heading="支付成功", big="15.80", lit=True, soft=soft("打印", "电子", "下一单")),
        frame("refused", "zh", title="银行卡", icon="cross", heading="交易被拒", notes=notes("余额不足，未扣款"), soft=soft("重试", "其他", "撤销")),
        frame("in_doubt", "zh", title="银行卡", icon="doubt", heading="银行尚未回复", notes=notes("请勿重复收款"), soft=soft("查询", "搁置", "帮助")),
        frame("paper_out", "zh", title="打印机", icon="paper", heading="打印机缺纸", notes=notes("装纸后续打 0148"), soft=soft("", "跳过", "")),
        frame("recovered", "zh", title="已恢复", icon="plug", heading="已恢复供电", notes=notes("0148 号 15.80 已存，找零 4.20。确认键打印。")),
        frame("offline", "zh", title="离线", status=status(True, 12, "off"), label="CNY", big="0.00", notes=notes("12 单已存本机"), soft=fav),
        frame("held", "zh", title="挂单", rows=lines(("1 14:02 鲜肉包", "7.00"), ("2 14:11 乌龙茶 大杯", "13.80")), selected=1),
        frame("menu", "zh", title="菜单", rows=MENU_ZH, selected=2),
        frame("confirm", "zh", title="购物车", icon="warn", heading="取消整单？", notes=notes("4 件，169.30", "确认是 返回否")),
        frame("qr", "zh", label="请扫码付款", big="15.80", notes=notes("等待 42 秒"), qr="HTTPS://BRW.IO/P/7K3F9Q2M/1580", soft=soft("", "", "取消")),
    ]  # fmt: skip


def icons() -> list[Frame]:
    return [frame(name, "en", title=name, icon=name, heading="Heading", notes=notes("A note below")) for name in ICONS]


def main() -> None:
    """The sheet: 3 dots a pixel, the colour of the panel."""
    glyphs, found = panel_glyphs(), [*english(), *chinese(), *icons()]
    across, wide, high = 4, 128 * 3 + 16, 64 * 3 + 30
    sheet = Image.new("RGB", (across * wide + 16, (len(found) + across - 1) // across * high + 16), (24, 25, 28))
    pen, face = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for i, each in enumerate(found):
        report: list[str] = []
        shot = picture(bytes(render(each, glyphs, report=report, modules=modules(each.qr) if each.qr else None)))
        x, y = 16 + i % across * wide, 16 + i // across * high
        lit = Image.new("RGB", (384, 192), (168, 226, 255))
        sheet.paste((8, 10, 14), (x, y, x + 384, y + 192))
        sheet.paste(lit, (x, y), shot.resize((384, 192), Image.Resampling.NEAREST))
        pen.text(
            (x, y + 194),
            f"{each.id} {each.lang} {'; '.join(report)[:60]}",
            font=face,
            fill=(255, 120, 90) if report else (150, 150, 155),
        )
    SHEET.parent.mkdir(exist_ok=True)
    sheet.save(SHEET)


if __name__ == "__main__":
    main()
