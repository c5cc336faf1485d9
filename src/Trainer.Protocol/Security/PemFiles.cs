using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LstmCluster.Protocol;

/// <summary>Certificates and keys as PEM, with errors that name the file.</summary>
static class PemFiles
{
    /// <summary>Reads one or more certificates.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="name">The file, for errors.</param>
    /// <param name="text">What it holds.</param>
    /// <exception cref="UserErrorException">There is no certificate in it, or a damaged one.</exception>
    public static X509Certificate2Collection Certificates(string directory, string name, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException damaged)
        {
            throw UserErrorException.At(Path.Combine(directory, name), $"holds a damaged certificate: {damaged.Message}");
        }

        return certificates.Count > 0 ? certificates : throw UserErrorException.At(Path.Combine(directory, name), "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
    }

    /// <summary>Joins the first certificate of a file with its private key.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="name">The certificate's file, for errors.</param>
    /// <param name="certificates">What it holds.</param>
    /// <param name="keyName">The key's file, for errors.</param>
    /// <param name="key">What it holds.</param>
    /// <exception cref="UserErrorException">One of them is none, or they do not belong together.</exception>
    public static X509Certificate2 WithKey(string directory, string name, string certificates, string keyName, string key)
    {
        foreach (var certificate in Certificates(directory, name, certificates)) certificate.Dispose();
        try
        {
            var joined = X509Certificate2.CreateFromPem(certificates, key);
            if (!OperatingSystem.IsWindows()) return joined;

            // Windows can use a key for TLS only after it was imported.
            using (joined) return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException)
        {
            throw UserErrorException.At(Path.Combine(directory, keyName), $"is not the private key of {name}, unencrypted and in PEM: {wrong.Message}");
        }
    }

    /// <summary>A point in time as a person wants to read it.</summary>
    public static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
