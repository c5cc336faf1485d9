using LstmCluster.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
