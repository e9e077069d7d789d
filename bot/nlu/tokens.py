"""Rasa component: the words of a message, for `rasa test nlu`, which compares entities word by word."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.training_data import TrainingData


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class Tokenizer(WhitespaceTokenizer):
    """Rasa's own, for messages only: nothing here learns from words that it cut."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data
