import torch

from models.training.early_stopping import EarlyStopping
from models.wearif.model import ModelConfig, build_model


def test_it_waits_for_a_better_validation_and_keeps_the_best_weights() -> None:
    model = build_model(ModelConfig.of("wearif"))
    stopping = EarlyStopping(patience=2)
    found = []
    for iteration, merit in enumerate([30.0, 31.0, 31.0, 30.5]):
        with torch.no_grad():
            for value in model.parameters():
                value.fill_(iteration)
        found.append((stopping.judge(merit, model, iteration), stopping.ends))
    assert found == [(True, False), (True, False), (False, False), (False, True)]
    assert stopping.iteration == 1
    assert all((value == 1).all() for value in stopping.weights.values())


def test_without_patience_it_never_ends() -> None:
    model = build_model(ModelConfig.of("wearif"))
    stopping = EarlyStopping(patience=0)
    assert not any(stopping.judge(0.0, model, i) and stopping.ends for i in range(9))
    assert not stopping.ends


def test_its_state_can_be_taken_up() -> None:
    model = build_model(ModelConfig.of("wearif"))
    stopping, other = EarlyStopping(patience=3), EarlyStopping(patience=3)
    for iteration, merit in enumerate([1.0, 0.5]):
        stopping.judge(merit, model, iteration)
    other.load(stopping.state())
    assert other == stopping
