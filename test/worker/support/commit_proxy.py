"""Stands between a worker and its server and loses one in N answers to the COMMIT of a claim: the server has done it, the
worker hears nothing but the end of the connection.

usage: commit_proxy.py SOCKET SERVER_SOCKET N LOG
"""
import os
import random
import socket
import sys
import threading
import time

path, server, every, log = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
lock = threading.Lock()
chance = random.Random(1)


def is_unlucky():
    with lock:
        return chance.randrange(every) == 0


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client):
    upstream = socket.socket(socket.AF_UNIX)
    upstream.connect(server)
    answers = threading.Thread(target=copy, args=(upstream, client), daemon=True)
    answers.start()
    is_claiming = False
    try:
        while data := client.recv(65536):
            is_claiming = is_claiming or b"claim_deliveries(" in data
            is_commit = b"COMMIT\0" in data.upper()
            if is_commit and is_claiming and is_unlucky():
                # The worker's end goes before the server is asked, so that no answer can get through.
                client.shutdown(socket.SHUT_WR)
                upstream.sendall(data)
                with lock, open(log, "a") as file:
                    file.write("lost an answer\n")
                time.sleep(0.1)
                break
            is_claiming = is_claiming and not is_commit
            upstream.sendall(data)
    except OSError:
        pass
    for end in (client, upstream):
        end.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
os.chmod(path, 0o777)
listener.listen(64)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
