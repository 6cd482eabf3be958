// Counts what a Worker reads from Postgres: stands between it and the bridge, passes everything on, and counts statements and
// the bytes of their answers. It costs time, so what is timed does not go through it.

import { once } from "node:events";
import net, { type AddressInfo } from "node:net";

export class Meter {
  statements = 0;
  bytes = 0;
  readonly #sockets = new Set<net.Socket>();
  #server: net.Server | null = null;

  /** Of the bridge as host:port; gives its own. */
  async before(bridge: string): Promise<string> {
    const [host = "", port] = bridge.split(":");
    const server = net.createServer((client) => {
      const upstream = net.connect(Number(port), host);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on("error", () => socket.destroy()).on("close", () => this.#sockets.delete(socket));
      }
      client.on("data", (piece) => (this.statements += piece.toString("latin1").split("POST /sql").length - 1));
      upstream.on("data", (piece) => (this.bytes += piece.length));
      client.pipe(upstream).pipe(client);
    });
    this.#server = server;
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** What has been read since it was asked last. */
  take(): { statements: number; bytes: number } {
    const { statements, bytes } = this;
    this.statements = 0;
    this.bytes = 0;
    return { statements, bytes };
  }

  stop(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
