namespace LstmCluster.Cli;

/// <summary>Text that must stay on one line.</summary>
static class Lines
{
    /// <summary>Puts a text of several lines on one.</summary>
    public static string Join(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
