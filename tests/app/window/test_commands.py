from collections import Counter

from app.window.commands import COMMANDS, MENUS


def test_no_two_commands_share_a_key():
    keys = Counter(keys for command in COMMANDS for keys in command.shortcuts)
    assert max(keys.values()) == 1


def test_menus_name_only_commands_that_exist():
    known = {command.key for command in COMMANDS}
    named = {key for _title, keys in MENUS for key in keys if key}
    assert named <= known


def test_every_command_says_what_it_does():
    assert all(command.text and command.tip for command in COMMANDS)
