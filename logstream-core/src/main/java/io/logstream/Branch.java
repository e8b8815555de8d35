package io.logstream;

/**
 * A branch while it is being built: what its body does with its own view of every event. What it changes the rest of the pipeline does
 * not see. One thread.
 */
public final class Branch {
  private final Chain chain;

  Branch(Chain chain) {
    this.chain = chain;
  }

  /** Adds a stage: what it emits is what follows sees. */
  public Branch then(Stage stage) {
    chain.then(null, stage);
    return this;
  }

  /** Adds a stage under a name. */
  public Branch then(String name, Stage stage) {
    chain.then(name, stage);
    return this;
  }

  /** Adds a branch of the branch. */
  public Branch branch(String name, java.util.function.Consumer<Branch> body) {
    chain.branch(name, body);
    return this;
  }

  /** Gives every event to a sink, and lets it go on. */
  public Branch to(Sink sink) {
    chain.to(null, sink);
    return this;
  }

  /** Gives every event to a sink under a name, and lets it go on. */
  public Branch to(String name, Sink sink) {
    chain.to(name, sink);
    return this;
  }
}
