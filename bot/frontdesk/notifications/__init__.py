"""What staff should hear of, written down with what happened. The desk delivers it: see bot/desk/courier.py."""

from bot.frontdesk.notifications.events import forget, notify, promised, queued, replied, woken

__all__ = ["forget", "notify", "promised", "queued", "replied", "woken"]
