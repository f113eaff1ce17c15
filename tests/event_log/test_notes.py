"""Signed notes and checkpoints, as c2sp.org/signed-note and c2sp.org/tlog-checkpoint have them."""

from __future__ import annotations

import base64

import pytest

from event_log import treehead
from event_log.notes import BadNote, Signer, Verifier

# The example of golang.org/x/mod/sumdb/note, which the specification grew out of.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_implementation_opens():
    assert Verifier.parse(GO_KEY).vkey == GO_KEY
    assert Verifier.parse(GO_KEY).open(GO_NOTE).startswith("If you think")


@pytest.mark.parametrize(
    "broken",
    [
        GO_NOTE.replace("cryptography", "Cryptography"),
        GO_NOTE.replace("PeterNeumann", "SomebodyElse"),
        GO_NOTE.replace("x08go/ZJ", "x08go/ZK"),
        GO_NOTE.replace("— ", "- "),
        GO_NOTE.replace("x08go", "x08gp"),
        GO_NOTE.partition("—")[0],
        "",
        "\n\n\n",
    ],
)
def test_a_changed_note_does_not_open(broken):
    with pytest.raises(BadNote):
        Verifier.parse(GO_KEY).open(broken)


@pytest.mark.parametrize("key", ["", "a+b", "PeterNeumann+c74f20a4+" + GO_KEY[-44:], GO_KEY[:-4], "x+zz+AA=="])
def test_a_broken_public_key_is_refused(key):
    with pytest.raises(BadNote):
        Verifier.parse(key)


def test_a_checkpoint_is_signed_and_read_again(tmp_path):
    signer = Signer.in_directory(tmp_path)
    note = treehead.sign(12, b"r" * 32, signer)
    text, signature = note.split("\n\n")
    assert text == f"{signer.name}\n12\n{base64.b64encode(b'r' * 32).decode()}"
    assert signature.startswith(f"— {signer.name} ")
    head = treehead.verified(note, Verifier.parse(signer.vkey))
    assert head == treehead.TreeHead(signer.name, 12, b"r" * 32)
    with pytest.raises(BadNote):
        treehead.verified(note.replace("\n12\n", "\n13\n"), signer.verifier)


def test_notes_in_a_file_survive_a_torn_one(tmp_path):
    signer = Signer.in_directory(tmp_path / "keys")
    notes = [treehead.sign(size, b"r" * 32, signer) for size in (1, 2, 3)]
    path = tmp_path / "notes.txt"
    treehead.append_note(path, notes[0])
    with path.open("a") as file:
        file.write(notes[1][:50])
    treehead.append_note(path, notes[2])
    read = list(treehead.notes_in(path, path.stat().st_size))
    assert read[0] == notes[0]
    assert [treehead.unverified(note).size for note in (read[0], read[-1])] == [1, 3]
    assert list(treehead.notes_in(path, 20)) == []
