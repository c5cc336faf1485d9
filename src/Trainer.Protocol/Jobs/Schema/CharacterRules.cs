namespace LstmCluster.Protocol;

/// <summary>Where words are that can be read letter by letter, or count as unknown.</summary>
static class CharacterRules
{
    /// <summary>Refuses keys about words where the model reads none, or where no unknown one is among them.</summary>
    public static void Check(Job job, SectionPlaces places)
    {
        if (job.Model.Characters is not null) RequireWords("model.characters", job, places);
        if (job.Model.WordDropout > 0) RequireWords("model.wordDropout", job, places);
    }

    static void RequireWords(string key, Job job, SectionPlaces places)
    {
        if (job.Task is not (ClassifierTask or TaggerTask or RegressorTask))
            throw places.Error(key, $"is for a classifier, tagger or regressor that reads words: the task is {JobSchema.NameOf(job.Task)}");
        if (job.Data.Tokens != TokenKind.Word) throw places.Error(key, "is for words: it needs data.tokens: word");
    }
}
