using LstmCluster.Actors;
using LstmCluster.Protocol;

namespace LstmCluster.Simulation;

/// <summary>A defect that a test plants into actors, between them, or into the disk, to see that a checker finds it. No command line reaches one.</summary>
interface IMutation
{
    /// <summary>Puts another actor in the place of one.</summary>
    /// <param name="name">Last part of its path.</param>
    /// <param name="actor">The real one.</param>
    IActor Make(string name, IActor actor) => actor;

    /// <summary>What an actor hears in the place of a message; the references go over to what is returned, or are released.</summary>
    IEnumerable<Message> Hear(ActorRef actor, Message message) => [message];

    /// <summary>What is sent in the place of a message; the references go over to what is returned, or are released.</summary>
    IEnumerable<Message> Send(ActorRef actor, ActorRef target, Message message) => [message];

    /// <summary>What a coordinator's process has in the place of its disk.</summary>
    IRunFiles Wrap(IRunFiles files) => files;

    /// <summary>What a process looks at in the place of its clock when it has to do with the registry.</summary>
    TimeProvider Clock(TimeProvider clock) => clock;

    /// <summary>What a coordinator's process asks in the place of why its leadership may have ended.</summary>
    Func<string?> Lost(Func<string?> lost) => lost;
}
