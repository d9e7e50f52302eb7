import { Server, ServerCredentials, type UntypedServiceImplementation, type ServiceDefinition } from "@grpc/grpc-js";

/** A gRPC server of this process that answers as a test says; what it does not say is UNIMPLEMENTED. */
export class FakeSidecar {
  private readonly server = new Server();
  /** Once `serve` has resolved. */
  target = "";

  async serve(service: ServiceDefinition, handlers: UntypedServiceImplementation): Promise<this> {
    this.server.addService(service, handlers);
    const port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    this.target = `127.0.0.1:${port}`;
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.forceShutdown();
  }
}
