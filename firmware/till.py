"""The till: what a flow is handed. Built once, in main; nothing else makes one, and nothing reaches it but by argument."""

import asyncio

from firmware.sale.cart import Cart
from firmware.shop import Shop
from firmware.sync.patience import Bell
from firmware.ui.hands import Changed
from firmware.ui.look import Look
from firmware.ui.status import status
from firmware.ui.ui import Ui

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from firmware.config import Settings
    from firmware.flows.backup_due import Reminder
    from firmware.flows.orders import Orders
    from firmware.flows.paper import Paper
    from firmware.in_use import InUse
    from firmware.journal.desk import Desk
    from firmware.journal.journal import Journal
    from firmware.journal.rollup import Rollup
    from firmware.sync.claim import Claim
    from firmware.sync.courier import Courier
    from firmware.ui.queue import Queue
    from firmware.ui.words import Words
    from hal.ports.board import Board

OPEN = 0  # the desk's slot of the cart on the counter


class Till:
    """board: the world. shop: its settings and words. journal and rollup: what was sold. desk_journal and desk: what lies about.
    ui: the panel and the hands. paper: slips. courier: the way to the fleet. one_copy: a copy of the journals is out of use.
    trouble: why the fleet takes nothing from this till, as the courier says it; "" when all is well.
    stores: where journal and desk_journal are read from. reminder: of backups. orders: from the fleet. in_use: its documents.
    sold: rings with each sale. claim: of a certificate; None where the brokers want none.
    keys: public ones of other tills, as the fleet told them since the power came.
    paying: held from before a sale's frame until PAID is on the screen. Whoever takes it for good lets no other sale begin.
    notices: keys of words that the operator is to read once the counter is idle."""

    def __init__(
        self,
        board: "Board",
        settings: "Settings",
        queue: "Queue",
        journal: "Journal",
        rollup: "Rollup",
        desk_journal: "Journal",
        desk: "Desk",
    ):
        self.board = board
        self.shop = Shop(settings, desk)
        self.journal = journal
        self.rollup = rollup
        self.desk_journal = desk_journal
        self.desk = desk
        self.one_copy = False
        self.trouble = ""
        self.notices: list[str] = []
        self.keys: dict[str, bytes] = {}
        self.paying = asyncio.Lock()
        self.sold = Bell()
        self._queue = queue
        self.stores = [board.store, board.store]
        self.ui = Ui(board, queue, self.look)
        self.claim: Claim | None = None
        self.paper: Paper
        self.courier: Courier
        self.reminder: Reminder
        self.orders: Orders
        self.in_use: InUse

    def alarm(self, doubt: bool = False) -> None:
        """The lamp: lit while a sale is in doubt, as long as there is one copy where two should be, or the fleet takes
        nothing."""
        self.board.light.set("alarm", doubt or self.one_copy or self.trouble != "")

    def tell(self, key: str) -> None:
        """Show this notice when the counter is idle. The same one is shown once, however often it is told."""
        if key not in self.notices:
            self.notices.append(key)

    def wake(self) -> None:
        """Something beside the keys has changed what should stand on the screen."""
        self._queue.put(Changed())

    @property
    def settings(self) -> "Settings":
        """The shop's, as they are now."""
        return self.shop.settings

    def words(self) -> "Words":
        """The language in use."""
        return self.shop.words()

    def look(self) -> Look:
        """How things look at this instant."""
        return Look(self.words(), self.settings.currency, status(self.board, self.queued(), self.paper.near_end))

    def queued(self) -> int:
        """Sales that the ledger has not acknowledged."""
        acked: int = self.desk.acked["sales"]
        return self.rollup.sales - acked

    def cart(self, record: "dict[str, Any] | None") -> Cart:
        """A cart as the desk keeps it; None is an empty one."""
        return Cart.from_record(record or {}, self.settings.taxes, self.settings.open_rate)

    def open_cart(self) -> Cart:
        """The cart on the counter as the desk knows it. One whose number was sold since was paid: a fault or a cut came
        between the sale and the desk."""
        return self.cart(self.desk.cart if self.desk.cart_no == self.rollup.next_no else None)

    async def keep(self, cart: Cart) -> None:
        """The cart on the counter is durable when this returns. Raises StoreFull, StoreBroken."""
        await self._put(OPEN, cart, None)

    async def park(self, cart: Cart, slot: int) -> None:
        """From the counter into a slot, in one frame: never in both, never in neither. Raises like keep."""
        await self._put(slot, cart, OPEN)

    async def recall(self, cart: Cart, slot: int) -> None:
        """From a slot to the counter, in one frame. Raises like keep."""
        await self._put(OPEN, cart, slot)

    async def _put(self, slot: int, cart: Cart, source: int | None) -> None:
        body: dict[str, Any] = {"slot": slot, "cart": {} if cart.empty() else cart.to_record(), "at": self.board.clock.utc_s()}
        if source is not None:
            body["from"] = source
        # the number that this cart's sale will get: at boot, a cart whose number was sold since is known to be paid
        await self.desk_journal.append("cart", self.rollup.next_no, body)
