"""A policy that brings in a person before anything else is considered.

Rules and forms of Rasa cannot say "whatever the intent, whatever is being asked": this one does. It speaks up right
after a customer's message when a severe flag was found, a person was asked for, or the second message in a row was
not understood; then :class:`action_hand_over` runs, form or no form.
"""

from __future__ import annotations

from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.taxonomy import SEVERE_FROM

HAND_OVER = "action_hand_over"
ASK_AGAIN = "action_not_understood"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class PersonFirstPolicy(Policy):
    """`patience`: how many messages in a row may be misunderstood before a person takes over."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 7, "patience": 2}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        with self._model_storage.write_to(self._resource):
            return self._resource  # nothing to learn: the rule is the rule

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PersonFirstPolicy:
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        if not self._person_needed(tracker):
            probabilities = self._default_predictions(domain)
            if tracker.latest_action_name == ASK_AGAIN:
                # Weaker than any rule: where none knows better, asking once is enough.
                probabilities[domain.index_for_action(ACTION_LISTEN_NAME)] = 0.5
            return self._prediction(probabilities)
        probabilities = self._default_predictions(domain)
        # After a message: hand over. After that: listen, whatever form was open.
        action = HAND_OVER if tracker.latest_action_name == ACTION_LISTEN_NAME else ACTION_LISTEN_NAME
        probabilities[domain.index_for_action(action)] = 1.0
        # "No user prediction" is what forms claim for themselves: on equal terms the higher priority wins.
        return self._prediction(probabilities, is_no_user_prediction=True)

    def _person_needed(self, tracker: DialogueStateTracker) -> bool:
        if tracker.latest_action_name == HAND_OVER:
            return True
        if tracker.latest_action_name != ACTION_LISTEN_NAME or tracker.latest_message is None:
            return False
        parsed = tracker.latest_message.parse_data or {}
        intent = (parsed.get("intent") or {}).get("name")
        if intent == "request_human" or int(parsed.get("severity") or 0) >= SEVERE_FROM:
            return True
        # Counted by actions/understand.py before any policy is asked; the hand-over sets it back.
        return float(tracker.get_slot("misunderstood") or 0) >= self.config["patience"]
