namespace LstmCluster.Actors;

/// <summary>What a frame is for. The numbers are part of the protocol.</summary>
enum FrameKind : byte
{
    /// <summary>Handshake: who dials, and for what.</summary>
    Hello = 1,

    /// <summary>Handshake: come in.</summary>
    Welcome = 2,

    /// <summary>Handshake: why not.</summary>
    Refused = 3,

    /// <summary>Control: a message of an actor, without the bytes of its payloads.</summary>
    Message = 16,

    /// <summary>Control: a sign of life, with what was handed over so far.</summary>
    Alive = 17,

    /// <summary>Control: tell when an actor is gone.</summary>
    Watch = 18,

    /// <summary>Control: an actor is gone.</summary>
    Gone = 19,

    /// <summary>Control: stop an actor.</summary>
    Stop = 20,

    /// <summary>Control: who lives under a path?</summary>
    Lookup = 21,

    /// <summary>Control: the answer to a lookup.</summary>
    Found = 22,

    /// <summary>Control: the mailbox of a message's receiver had no room.</summary>
    NoRoom = 23,

    /// <summary>Control: nothing more comes after this, and why.</summary>
    Goodbye = 24,

    /// <summary>Tensors: some more bytes of the payload that is being sent.</summary>
    Tensor = 32,
}
