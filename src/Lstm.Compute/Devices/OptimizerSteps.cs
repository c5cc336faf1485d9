namespace LstmCluster.Compute;

/// <summary>The scalars of one SGD step.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Momentum">0 for none.</param>
/// <param name="WeightDecay">Factor of the weights that is added to the gradient.</param>
public readonly record struct SgdStep(float GradientScale, float Rate, float Momentum, float WeightDecay);

/// <summary>The scalars of one Adam step: <c>m = b1*m + (1-b1)*g</c>, <c>v = b2*v + (1-b2)*g*g</c>, <c>w' = w*Keep - StepSize*m/(sqrt(v)*InverseRootCorrection + Epsilon)</c>.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="StepSize">Rate divided by <c>1 - beta1^t</c>.</param>
/// <param name="InverseRootCorrection"><c>1/sqrt(1 - beta2^t)</c>.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="Keep">1 for Adam; <c>1 - rate*decay</c> for AdamW.</param>
public readonly record struct AdamStep(
    float GradientScale, float Beta1, float Beta2, float StepSize, float InverseRootCorrection, float Epsilon, float Keep);

/// <summary>The scalars of one RMSProp step.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Rate">Learning rate of this step.</param>
/// <param name="Alpha">Decay of the running means.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="Momentum">0 for none.</param>
/// <param name="WeightDecay">Factor of the weights that is added to the gradient.</param>
public readonly record struct RmsPropStep(float GradientScale, float Rate, float Alpha, float Epsilon, float Momentum, float WeightDecay);

/// <summary>The scalars of one Adagrad step.</summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Rate">Learning rate of this step, with its own decay.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="WeightDecay">Factor of the weights that is added to the gradient.</param>
public readonly record struct AdagradStep(float GradientScale, float Rate, float Epsilon, float WeightDecay);

/// <summary>
/// The scalars of one Nadam step: <c>m = b1*m + (1-b1)*g</c>, <c>v = b2*v + (1-b2)*g*g</c>,
/// <c>w' = w - (GradientStep*g + MomentStep*m)/(sqrt(v)*InverseRootCorrection + Epsilon)</c>, where <c>g = scale*gradient + decay*w</c>.
/// </summary>
/// <param name="GradientScale">Factor of the gradient, from clipping.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="GradientStep">Step along the gradient itself.</param>
/// <param name="MomentStep">Step along the first moment.</param>
/// <param name="InverseRootCorrection"><c>1/sqrt(1 - beta2^t)</c>.</param>
/// <param name="Epsilon">Added to the denominator.</param>
/// <param name="WeightDecay">Factor of the weights that is added to the gradient.</param>
public readonly record struct NadamStep(
    float GradientScale, float Beta1, float Beta2, float GradientStep, float MomentStep, float InverseRootCorrection, float Epsilon, float WeightDecay);
