using System.Text;
using LstmCluster.Protocol;

namespace LstmCluster.Data;

/// <summary>How bytes become characters.</summary>
static class TextEncodings
{
    // With its mark at the beginning, which readers pass over, and an exception on bytes that are no characters: those that find out the encoding by the mark put question marks there instead.
    static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <summary>The encoding of a job.</summary>
    /// <param name="encoding">What the job says; null for UTF-8.</param>
    public static Encoding Of(TextEncoding? encoding) => encoding == TextEncoding.Latin1 ? Encoding.Latin1 : s_utf8;
}
