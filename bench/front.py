"""What lies between a client and the stand-in on the internet: a network that takes its time, and a server of TLS and HTTP/2.

    client → Relay: a proxy of CONNECT, half a round trip each way → nghttpx: TLS and HTTP/2 → stand-in: HTTP/1.1

Since a client gives the proxy a name and no address, the extension takes the stand-in for the host that its base URL names.
"""
import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time

HOSTS = ("api.aisa.one", "api.dataforseo.com")


def missing():
    """What a front would take and isn't installed, or None."""
    return next((program for program in ("nghttpx", "openssl") if shutil.which(program) is None), None)


class Relay(threading.Thread):
    """Every host that it is asked for is the port given. What it carries takes rtt_s / 2 each way; a connection is there after
    rtt_s, as TCP needs one round trip for it."""

    def __init__(self, port, rtt_s):
        super().__init__(daemon=True)
        self.to, self.delay_s = port, rtt_s / 2
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.start()

    def run(self):
        self.loop.run_forever()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
            self.loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        self.server.close()
        self.loop.close()

    async def serve(self, reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(2 * self.delay_s)
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.to)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(self.carry(reader, to_writer), self.carry(to_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # hung up
        finally:
            writer.close()

    async def carry(self, reader, writer):
        """Until the sender's end, in the order received."""
        under_way = asyncio.Queue()
        delivery = asyncio.ensure_future(self.deliver(under_way, writer))
        while True:
            piece = await reader.read(1 << 16)
            under_way.put_nowait((self.loop.time() + self.delay_s, piece))
            if not piece:
                break
        await delivery

    async def deliver(self, under_way, writer):
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0, due - self.loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)


class Front:
    """nghttpx before the stand-in's port, and a Relay before that."""

    def __init__(self, folder, port, rtt_s):
        self.ca_file, key = os.path.join(folder, "front.pem"), os.path.join(folder, "front.key")
        names = ",".join("DNS:" + host for host in HOSTS)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            + ["-subj", "/CN=stand-in", "-addext", "subjectAltName=" + names, "-keyout", key, "-out", self.ca_file],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        configuration = os.path.join(folder, "nghttpx.conf")  # empty: not the system's
        open(configuration, "w").close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            own_port = free.getsockname()[1]
        self.process = subprocess.Popen(
            ["nghttpx", "--conf=" + configuration, "--frontend=127.0.0.1,%d" % own_port, "--backend=127.0.0.1,%d" % port]
            + ["--workers=1", "--errorlog-file=" + os.path.join(folder, "nghttpx.log"), key, self.ca_file],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait_for(own_port)
        self.relay = Relay(own_port, rtt_s)
        self.proxy = "http://127.0.0.1:%d" % self.relay.port

    def wait_for(self, port):
        for _ in range(500):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        self.process.kill()
        raise SystemExit("bench: nghttpx does not start")

    def stop(self):
        self.relay.stop()
        self.process.terminate()
        self.process.wait()
