"""The words in which a decision is explained to staff, auditors and courts, German and English side by side."""

from __future__ import annotations

from bot.goodwill.wording import Words

HEADINGS: dict[str, Words] = {
    "decision": {"de": "Entscheidung", "en": "Decision"},
    "inputs": {"de": "Angaben, auf denen sie beruht", "en": "Facts it rests on"},
    "rules": {"de": "Regeln in ihrer Reihenfolge", "en": "Rules in their order"},
    "result": {"de": "Ergebnis", "en": "Result"},
    "what_if": {"de": "Was es geändert hätte", "en": "What would have changed it"},
    "offers": {"de": "Angebote", "en": "Offers"},
    "policy": {"de": "Regelwerk", "en": "Policy"},
    "nothing": {"de": "Keine einzelne Angabe hätte es geändert.", "en": "No single fact would have changed it."},
    "passed": {"de": "weiter", "en": "goes on"},
    "stopped": {"de": "entscheidet", "en": "decides"},
    "no_decision": {"de": "Zu diesem Fall wurde noch nichts entschieden.", "en": "Nothing was decided here yet."},
    "cap": {"de": "höchstens möglich", "en": "the most possible"},
    "score": {"de": "Punkte", "en": "score"},
    "from": {"de": "von", "en": "by"},
    "reason": {"de": "Begründung", "en": "reason"},
    "state": {"de": "Stand", "en": "state"},
}

FACTS: dict[str, Words] = {
    "today": {"de": "Tag der Entscheidung", "en": "day of the decision"},
    "category": {"de": "Thema", "en": "category"},
    "intent": {"de": "Anliegen", "en": "intent"},
    "severity": {"de": "Schwere (0-4)", "en": "severity (0-4)"},
    "flags": {"de": "Merkmale", "en": "flags"},
    "remedies": {"de": "Wünsche", "en": "wishes"},
    "verified": {"de": "Bestellung nachgewiesen", "en": "order proven"},
    "compensated": {"de": "schon entschädigt", "en": "already compensated"},
    "already_compensated": {"de": "schon entschädigt", "en": "already compensated"},  # as older decisions have it
    "pressure": {"de": "Druck ausgeübt", "en": "pressure used"},
    "budget_left_cents": {"de": "Rest des Monatsbudgets", "en": "left of the month's budget"},
    "authority": {"de": "Befugnis von", "en": "authority of"},
    "jurisdiction": {"de": "Recht von", "en": "law of"},
    "is_claim_for_defect": {"de": "Mangel geltend gemacht", "en": "claimed as a defect"},
    "our_fault": {"de": "unser Fehler", "en": "our fault"},
    "item": {"de": "Artikel", "en": "item"},
    "price_cents": {"de": "Preis", "en": "price"},
    "currency": {"de": "Währung", "en": "currency"},
    "ordered_on": {"de": "bestellt am", "en": "ordered on"},
    "promised_on": {"de": "zugesagt für", "en": "promised for"},
    "delivered_on": {"de": "geliefert am", "en": "delivered on"},
    "service_on": {"de": "Werkstatt am", "en": "service on"},
    "customer_since": {"de": "Kunde seit", "en": "customer since"},
    "prior_grants_12m": {"de": "Kulanz in 12 Monaten", "en": "favours in 12 months"},
    "distance_sale": {"de": "Fernabsatz", "en": "distance sale"},
    "guarantee_until": {"de": "Garantie bis", "en": "guarantee until"},
}

OUTCOMES: dict[str, Words] = {
    "person": {"de": "Ein Mensch entscheidet", "en": "A person decides"},
    "right": {"de": "Ein Recht des Kunden", "en": "A right of the customer"},
    "offer": {"de": "Ein Angebot", "en": "An offer"},
    "gesture": {"de": "Eine Geste ohne Geld", "en": "A gesture without money"},
    "none": {"de": "Nichts zu entscheiden", "en": "Nothing to decide"},
}

FORMS: dict[str, Words] = {
    "apology": {"de": "Entschuldigung", "en": "apology"},
    "priority": {"de": "Vorrang", "en": "priority"},
    "manager_call": {"de": "Anruf der Leitung", "en": "call from the manager"},
    "loaner": {"de": "Ersatzfahrzeug", "en": "loan vehicle"},
    "handwritten_note": {"de": "handgeschriebene Karte", "en": "handwritten note"},
    "voucher": {"de": "Gutschein", "en": "voucher"},
    "partial_refund": {"de": "Teilerstattung", "en": "partial refund"},
    "refund": {"de": "Erstattung", "en": "refund"},
}

CHANGES: dict[str, Words] = {
    "severity": {"de": "bei Schwere {value}", "en": "at severity {value}"},
    "pressure": {"de": "ohne ausgeübten Druck", "en": "without pressure"},
    "compensated": {"de": "ohne frühere Entschädigung", "en": "without an earlier compensation"},
    "prior_grants_12m": {"de": "ohne Kulanz in den letzten 12 Monaten", "en": "without favours in the last 12 months"},
    "our_fault": {"de": "wenn die Ursache bei uns lag", "en": "if the cause was ours"},
    "not_our_fault": {"de": "wenn die Ursache nicht bei uns lag", "en": "if the cause was not ours"},
    "budget": {"de": "mit vollem Monatsbudget", "en": "with a full budget of the month"},
    "customer_since": {"de": "als Kunde seit {value} Jahren", "en": "as a customer for {value} years"},
    "defect": {"de": "als Mangel geltend gemacht", "en": "claimed as a defect"},
    "not_defect": {"de": "ohne Mangel, nur nicht mehr gewollt", "en": "no defect, only not wanted any more"},
}

COMPENSATED: dict[str, Words] = {
    "order": {"de": "mit dieser Bestellung", "en": "with this order"},
    "device": {"de": "dasselbe Gerät, mit einer anderen Bestellung", "en": "the same device, with another order"},
    "payment": {"de": "dieselbe Zahlung, mit einer anderen Bestellung", "en": "the same payment, with another order"},
}

YES_NO: dict[bool, Words] = {True: {"de": "ja", "en": "yes"}, False: {"de": "nein", "en": "no"}}
