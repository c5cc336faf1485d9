using System.Collections.Concurrent;
using System.Diagnostics;
using LstmCluster.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LstmCluster.Cli.Display;

/// <summary>For a person at a terminal: figures that stay in place at the bottom, and messages that scroll above them.</summary>
/// <param name="console">The terminal.</param>
/// <param name="wording">Events in words.</param>
sealed class LiveDisplay(IAnsiConsole console, Wording wording) : IDisplay
{
    static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(125);

    readonly Lock _lock = new();
    readonly RunView _view = new();
    readonly ConcurrentQueue<(string Text, Tone Tone)> _messages = new();
    readonly CancellationTokenSource _ended = new();
    readonly Stopwatch _sinceStart = new();
    IReadOnlyList<string> _last = [];
    Task? _shown;

    /// <inheritdoc/>
    public void On(TrainingEvent happened)
    {
        lock (_lock)
        {
            _view.Take(happened);
            switch (happened)
            {
                case RunStarted started: Begin(started); break;
                case RunFinished finished: _last = wording.End(finished); break;
                case RunInterrupted { Checkpointed: true } interrupted: _last = Wording.End(interrupted); break;
                // The bottom lines tell it without scrolling.
                case CheckpointWritten: break;
                default: Say(wording.Of(happened)); break;
            }
        }
    }

    /// <inheritdoc/>
    public void Abandon()
    {
        // Past the library, which would draw the bottom lines again.
        const string showCursor = "\e[?25h";
        Console.Out.Write(showCursor + Environment.NewLine);
        Console.Out.Flush();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        if (_shown is not null) await _shown.ConfigureAwait(false);
        ShowMessages();
        foreach (var line in _last) Write(line, Tone.Plain);
        _ended.Dispose();
    }

    void Begin(RunStarted started)
    {
        foreach (var line in wording.Begin(started)) _messages.Enqueue((line, Tone.Plain));
        _sinceStart.Start();
        _shown = Task.Run(ShowAsync);
    }

    /// <summary>Before the bottom lines are there, a message can be written at once.</summary>
    void Say((string Text, Tone Tone)? message)
    {
        if (message is not { } said) return;
        _messages.Enqueue(said);
        if (_shown is null) ShowMessages();
    }

    async Task ShowAsync()
    {
        ShowMessages();
        await console.Live(Panel()).AutoClear(true).StartAsync(async context =>
        {
            while (!_ended.IsCancellationRequested)
            {
                lock (_lock)
                {
                    ShowMessages();
                    context.UpdateTarget(Panel());
                }

                await Task.Delay(s_interval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }).ConfigureAwait(false);
    }

    ProgressPanel Panel() =>
        new(_view, _sinceStart.Elapsed.TotalSeconds)
        {
            HasColour = console.Profile.Capabilities.ColorSystem != ColorSystem.NoColors,
            Speed = wording.Speed,
        };

    void ShowMessages()
    {
        while (_messages.TryDequeue(out var message)) Write(message.Text, message.Tone);
    }

    void Write(string text, Tone tone) => console.Write(new Message(text, tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Yellow),
        _ => Style.Plain,
    }));

    /// <summary>A line that takes away the bottom lines which stand where it comes to stand; the library draws them anew below it.</summary>
    sealed class Message(string text, Style style) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            const string eraseBelow = "\e[J";
            return [Segment.Control(eraseBelow), .. ((IRenderable)new Text(text + Environment.NewLine, style)).Render(options, maxWidth)];
        }
    }
}
