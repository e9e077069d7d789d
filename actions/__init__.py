"""What the bot does: thin Rasa SDK actions, one file per step of the conversation."""

# Rasa's action server registers what this package imports.
from actions import answers, complaint, handover, offer, privacy, status, understand, withdrawal  # noqa: F401
