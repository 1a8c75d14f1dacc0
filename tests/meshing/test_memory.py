import threading

import pytest

from meshing.memory import Memory


def test_many_who_ask_at_once_get_what_was_made_once():
    memory, made, gate = Memory(2), [], threading.Barrier(8)

    def make():
        made.append(1)
        return object()

    values = []

    def ask():
        gate.wait()
        values.append(memory.take("key", make))

    asking = [threading.Thread(target=ask) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(made) == 1
    assert len({id(value) for value in values}) == 1


def test_only_the_last_few_are_remembered_and_a_failure_is_not():
    memory, made = Memory(2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        memory.take(key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]
    with pytest.raises(ValueError, match="once"):
        memory.take("d", lambda: (_ for _ in ()).throw(ValueError("once")))
    assert memory.take("d", lambda: 4) == 4


def test_what_was_forgotten_is_made_again():
    memory, made = Memory(2), []
    for _ in range(2):
        memory.take("a", lambda: made.append(1))
        memory.forget()
    assert made == [1, 1]
