import { Channel, credentials } from "@grpc/grpc-js";

const MAX_MESSAGE = 64 * 1024 * 1024;

const OPTIONS = {
  "grpc.default_authority": "localhost",
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 1000,
  "grpc.max_receive_message_length": MAX_MESSAGE,
  "grpc.max_send_message_length": MAX_MESSAGE,
  // A token may have been taken: nothing is sent twice.
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  // The sidecar is in the same pod, whatever http_proxy says.
  "grpc.enable_http_proxy": 0,
  // So that closing the channel closes its connection.
  "grpc.use_local_subchannel_pool": 1,
} as const;

interface Shared {
  readonly channel: Channel;
  users: number;
}

const channels = new Map<string, Shared>();

/** One user's part of the channel that all clients of a target in this process share. */
export class ChannelShare {
  readonly channel: Channel;
  private readonly target: string;
  private released = false;

  /** Connects nothing yet: the first call does. */
  constructor(target: string) {
    let shared = channels.get(target);
    if (shared === undefined) {
      shared = { channel: new Channel(target, credentials.createInsecure(), OPTIONS), users: 0 };
      channels.set(target, shared);
    }
    shared.users++;
    this.target = target;
    this.channel = shared.channel;
  }

  /** Closes the channel if this was its last user. */
  release(): void {
    const shared = channels.get(this.target);
    if (this.released || shared === undefined) return;
    this.released = true;
    if (--shared.users > 0) return;
    channels.delete(this.target);
    shared.channel.close();
  }
}
