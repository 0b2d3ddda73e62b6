import sys
import threading

from PySide6.QtCore import QCoreApplication, QEvent, QThread

from app.window.bridge import Bridge


def test_news_of_a_plain_thread_arrives_in_order_in_the_window_s_thread(qapp):
    bridge = Bridge()
    arrived = []
    bridge.received.connect(lambda item: arrived.append((item, QThread.currentThread())))
    sent = [{7: "a dict with a key that is no text"}, object(), None]
    thread = threading.Thread(target=lambda: [bridge.post(item) for item in sent])
    thread.start()
    thread.join(10)
    assert arrived == []
    QCoreApplication.processEvents()
    assert [item for item, _thread in arrived] == sent
    assert {where for _item, where in arrived} == {qapp.thread()}


def test_emitting_does_not_eat_python_s_own_true(qapp):
    """PySide6 6.12.0 lets Python 3.11 and older abort after about 550 emits."""
    bridge = Bridge()
    before = sys.getrefcount(True)
    for number in range(1000):
        bridge.post(number)
    assert sys.getrefcount(True) > before - 500


def test_news_for_a_window_that_has_gone_are_dropped(qapp):
    bridge = Bridge()
    arrived = []
    bridge.received.connect(arrived.append)
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bridge.post("too late")
    QCoreApplication.processEvents()
    assert arrived == []
