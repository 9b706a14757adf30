"""A legacy system that costs next to nothing: one process, prepared bytes. `python legacy_server.py BODY_BYTES`."""

import socket
import sys
import threading


def main() -> None:
    """Print the port, then answer every request on every connection with the same 200."""
    body = b"x" * int(sys.argv[1])
    answer = (
        b"HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Mon, 23 Nov 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n"
        b'ETag: "x"\r\nCache-Control: no-cache\r\nContent-Length: %d\r\n\r\n%s' % (len(body), body)
    )
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection, answer), daemon=True).start()


def _serve(connection: socket.socket, answer: bytes) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while True:
        while (end := data.find(b"\r\n\r\n")) < 0:
            received = connection.recv(65536)
            if not received:
                return
            data += received
        head = data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        data = data[end + 4 :]
        while len(data) < length:
            data += connection.recv(65536)
        data = data[length:]
        connection.sendall(answer)


if __name__ == "__main__":
    main()
