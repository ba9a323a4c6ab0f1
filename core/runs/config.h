// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/describe.h"

// Every option of a run, each said once. The engine, the command line, YAML files and the window's form read these.
namespace hvlm {

// How step features become contextual step vectors H.
struct EncoderOptions {
  std::string kind = "transformer";
  std::string mixer = "full";      // sequence mixer
  int64_t mixer_window = 9;        // steps, odd
  int64_t mixer_stride = 4;
  int64_t mixer_globals = 4;
  int64_t mixer_memory = 64;       // slots
  std::string mixer_memory_policy = "merge";
  std::string mixer_memory_fusion = "attention";
  int64_t mixer_features = 256;
  int64_t mixer_state = 16;
  int64_t mixer_expand = 2;
  bool mixer_bidirectional = true;
  int64_t dim = 256;               // model width d
  int64_t layers = 2;              // transformer layers
  int64_t heads = 4;
  double ffn_factor = 2.0;         // hidden width of the feed-forward part over d
  bool pre_norm = true;            // LayerNorm before each part (true) or after it
  std::string activation = "gelu";
  std::string position = "sinusoid";
  int64_t stem_convolutions = 2;   // kernel-3 convolutions between the projection and the transformer
  std::string input_norm = "channel";
  double dropout = 0.1;
  double drop_path = 0.1;
  double input_noise = 0.0;
  double step_mask = 0.0;
  bool final_norm = true;
  template <class F>
  void describe(F& f) {
    f("kind", kind, {"transformer", "mlp", "raw"},
      "What makes step vectors: the transformer, two linear layers on each step alone (mlp), or nothing at all (raw: the features as they are)");
    f("mixer", mixer, {"full", "flash", "window", "strided", "global", "memory", "linear", "performer", "mamba", "maxpool", "none"},
      "How steps see each other: full attention; flash (the same in tiles, memory linear in the length); a local window; every s-th step (strided); window and learned global tokens; a memory bank; linear attention; Performer; Mamba; window maximum; or none");
    f("mixer_window", mixer_window, {1, 65535}, "Steps a step sees, itself in the middle; odd (mixers window, global, maxpool)");
    f("mixer_stride", mixer_stride, {1, 65536}, "Every step sees each so-many-th step (mixer strided)");
    f("mixer_globals", mixer_globals, {1, 1024}, "Learned tokens that see all steps and are seen by all (mixer global)");
    f("mixer_memory", mixer_memory, {1, 65536}, "Slots of the memory bank of a video (mixer memory)");
    f("mixer_memory_policy", mixer_memory_policy, {"merge", "fifo"}, "Neighbouring steps are averaged into the slots (merge), or the newest steps fill them (mixer memory)");
    f("mixer_memory_fusion", mixer_memory_fusion, {"attention", "concatenation"}, "What the memory gave is added (attention), or a linear layer joins it with the step first (mixer memory)");
    f("mixer_features", mixer_features, {1, 65536}, "Random features that approximate the softmax (mixer performer)");
    f("mixer_state", mixer_state, {1, 128}, "Numbers each inner channel carries along the video (mixer mamba)");
    f("mixer_expand", mixer_expand, {1, 8}, "Inner width over the model width (mixer mamba)");
    f("mixer_bidirectional", mixer_bidirectional, {}, "Scan the video in both directions (mixer mamba)");
    f("dim", dim, {8, 4096}, "Model width");
    f("layers", layers, {0, 48}, "Transformer layers");
    f("heads", heads, {1, 64}, "Attention heads; divides the width");
    f("ffn_factor", ffn_factor, {0.25, 16}, "Hidden width of the feed-forward part over the model width");
    f("pre_norm", pre_norm, {}, "LayerNorm before each part; false puts it after (the original form)");
    f("activation", activation, {"gelu", "relu"}, "Activation of the feed-forward part");
    f("position", position, {"sinusoid", "none"}, "Position table added to the projected steps");
    f("stem_convolutions", stem_convolutions, {0, 8}, "Convolutions over three steps between projection and transformer");
    f("input_norm", input_norm, {"channel", "global", "none"}, "Centre the features on the training mean, then divide each channel by its own deviation (channel) or all by one (global, keeps a PCA's falling spectrum); or leave them");
    f("dropout", dropout, {0, 0.9}, "Dropout in the transformer and on the stem, a share");
    f("drop_path", drop_path, {0, 0.9}, "Share of residual branches dropped per video in the last layer; grows linearly");
    f("input_noise", input_noise, {0, 10}, "Gaussian noise on the normalised features while training, in standard deviations");
    f("step_mask", step_mask, {0, 0.9}, "Share of steps set to zero while training");
    f("final_norm", final_norm, {}, "LayerNorm on the encoder's output");
  }
};

// How steps are gathered into the temporal pyramid (method.md 2, hierarchical aggregation).
struct PyramidOptions {
  bool enabled = true;
  std::string mode = "ceil";
  int64_t levels = -1;
  std::string pooling = "attention";
  std::string block = "none";
  int64_t block_window = 9;        // nodes, odd
  bool level_norm = false;
  template <class F>
  void describe(F& f) {
    f("enabled", enabled, {}, "Build the pyramid; false leaves level 0 and pools the mean");
    f("mode", mode, {"ceil", "floor"}, "An odd last step forms its own window (ceil) or has no parent (floor)");
    f("levels", levels, {-1, 24}, "Levels above the steps; -1 goes on until one node is left");
    f("pooling", pooling, {"attention", "mean", "max", "attention_max"},
      "How two nodes become one: learned attention (the paper), their mean, their maximum, or attention plus a linear layer on the maximum");
    f("block", block, {"none", "conv", "window"}, "What follows the pooling of each level: nothing (the paper), a residual convolution block, or a local-window attention block");
    f("block_window", block_window, {1, 65535}, "Nodes that a node sees in the local-window block, itself in the middle; odd (block window)");
    f("level_norm", level_norm, {}, "LayerNorm without affine part on every level above the steps");
  }
};

// Merging of similar steps along time (Bolya et al. 2023, arXiv:2210.09461, matched between neighbours only), so that layers work on fewer
// tokens; what they give is copied back to every step that went in, so all outputs keep their length.
struct MergeOptions {
  std::string where = "none";
  std::string criterion = "similarity";
  std::string schedule = "constant";
  double ratio = 0.25;
  double min_ratio = 0.0;
  double max_ratio = 0.5;
  double threshold = 0.9;
  double motion = 1.0;
  double saliency = 1.0;
  template <class F>
  void describe(F& f) {
    f("where", where, {"none", "before", "between"}, "Merge steps before the transformer layers, or the nodes between the pooling of a level and its block; or never");
    f("criterion", criterion, {"similarity", "importance"}, "Most similar neighbours first, or similarity less the importance of the pair, with means weighted by importance");
    f("schedule", schedule, {"constant", "adaptive"}, "The same share of every video, or as many pairs as are more similar than the threshold, within the two limits");
    f("ratio", ratio, {0, 0.5}, "Share of the tokens merged away (schedule constant)");
    f("min_ratio", min_ratio, {0, 0.5}, "Smallest share merged away (schedule adaptive)");
    f("max_ratio", max_ratio, {0, 0.5}, "Largest share merged away (schedule adaptive)");
    f("threshold", threshold, {-1, 1}, "Cosine from which a pair counts as redundant (schedule adaptive)");
    f("motion", motion, {0, 100}, "Weight of the store's motion channel, or of the change of the features where there is none (criterion importance)");
    f("saliency", saliency, {0, 100}, "Weight of the store's saliency channel, or of the distance from the local mean where there is none (criterion importance)");
  }
};

struct HeadOptions {
  bool classify = true;
  std::string video_vector = "top";
  int64_t segments = 8;
  int64_t test_segments = 25;
  std::string consensus = "average";
  int64_t consensus_top = 3;
  bool detect = true;
  int64_t detect_levels = 6;
  int64_t detect_layers = 2;
  int64_t width = 128;
  double dropout = 0.1;
  std::string boundary = "offsets";
  int64_t trident_bins = 8;
  bool edges = false;
  bool rescore = false;
  bool answer = false;
  bool caption = false;
  std::string experts = "none";
  int64_t domains = 0;
  int64_t expert_width = 32;
  double expert_confidence = 0.7;
  template <class F>
  void describe(F& f) {
    f("classify", classify, {}, "Video classifier");
    f("video_vector", video_vector, {"top", "mean", "attention", "segments"},
      "What the classifier reads: the top token, the mean step, attention over levels 0, 3 and top with the top steps, or single steps of equal segments (TSN)");
    f("segments", segments, {1, 1024}, "Equal segments of a video while training, one random step each (video_vector segments)");
    f("test_segments", test_segments, {1, 4096}, "Equal segments otherwise, the centre step each (video_vector segments)");
    f("consensus", consensus, {"average", "max", "topk", "attention"}, "How the segments' class scores become the video's (video_vector segments)");
    f("consensus_top", consensus_top, {1, 1024}, "Best segments of each class that are averaged (consensus topk)");
    f("detect", detect, {}, "Detection head shared over the levels");
    f("detect_levels", detect_levels, {1, 16}, "Levels the detection head reads, from level 0");
    f("detect_layers", detect_layers, {0, 6}, "Convolutions of each branch of the detection head");
    f("width", width, {0, 4096}, "Width of the detection head's convolutions; 0 takes the model width");
    f("dropout", dropout, {0, 0.9}, "Dropout before the classifier and before the class scores of the detection head, a share");
    f("boundary", boundary, {"offsets", "trident"}, "Distances to a segment's ends: one number each (offsets), or the mean over bins whose scores neighbouring nodes give (trident)");
    f("trident_bins", trident_bins, {2, 64}, "Bins of a distance, each as wide as the level's stride (boundary trident)");
    f("edges", edges, {}, "Start and end scores of every border between two steps, to which the ends of segments then move");
    f("rescore", rescore, {}, "Second look at the best segments: classes and quality from what lies inside, at the ends and around");
    f("answer", answer, {}, "Head that answers questions from the answers of training");
    f("caption", caption, {}, "Decoder that describes a segment in words");
    f("experts", experts, {"none", "single", "hard", "soft", "confidence"},
      "Residual experts before the classifier, one a domain: the likeliest domain's (hard), all by their likelihood (soft), the likeliest where the router is sure and else all "
      "(confidence), one of as many parameters without a router (single), or none");
    f("domains", domains, {0, 64}, "Domains of the experts; 0 takes the top level of the data set's taxonomy");
    f("expert_width", expert_width, {1, 4096}, "Inner width of one expert");
    f("expert_confidence", expert_confidence, {0, 1}, "Likelihood from which the router counts as sure (experts confidence)");
  }
};

// Weights and forms of the loss terms (method.md 2 and 4); weight 0 turns a term off.
struct LossOptions {
  double temporal = 1.0;
  std::string temporal_form = "mean";
  std::string temporal_scope = "steps";
  double regulariser = 1.0;
  std::string regulariser_form = "paper";
  double tau = 0.1;
  double cross = 0.0;
  double classification = 1.0;
  double label_smoothing = 0.1;
  double focal = 1.0;
  double focal_alpha = 0.25;
  double focal_gamma = 2.0;
  double diou = 1.0;
  double centre_radius = 1.5;
  double edges = 1.0;
  double rescore = 1.0;
  bool gate_smoothness = false;
  double variance = 0.0;
  double variance_target = 1.0;
  double covariance = 0.0;
  double step_contrast = 0.0;
  int64_t step_gap = 8;
  int64_t step_anchors = 256;
  double persistence = 0.0;
  double contrast_temperature = 0.1;
  double text = 0.0;
  double segment_text = 0.0;
  std::string text_direction = "both";
  double text_same = 1.0;
  std::string segment_text_nodes = "steps";
  double router = 0.2;
  double balance = 0.01;
  double answer = 1.0;
  double caption = 1.0;
  std::string task_weights = "fixed";
  template <class F>
  void describe(F& f) {
    f("temporal", temporal, {0, 1000}, "Weight of the temporal consistency loss on the encoder's output");
    f("temporal_form", temporal_form, {"mean", "sum"}, "Mean over steps then videos, or the literal sum divided by the batch");
    f("temporal_scope", temporal_scope, {"steps", "levels"}, "The temporal loss on the steps (the paper), or summed over all levels with two or more nodes");
    f("regulariser", regulariser, {0, 1000}, "Weight of the collapse hinge (lambda_reg)");
    f("regulariser_form", regulariser_form, {"paper", "per_dim"}, "Hinge on the mean standard deviation, or on each dimension's");
    f("tau", tau, {0, 100}, "Threshold of the hinge");
    f("cross", cross, {0, 1000}, "Weight of the cross-scale term");
    f("classification", classification, {0, 1000}, "Weight of the video classifier's cross-entropy");
    f("label_smoothing", label_smoothing, {0, 0.9}, "Label smoothing of that cross-entropy, a share");
    f("focal", focal, {0, 1000}, "Weight of the detection head's focal loss");
    f("focal_alpha", focal_alpha, {-1, 1}, "Focal alpha; negative turns class weighting off");
    f("focal_gamma", focal_gamma, {0, 10}, "Focal gamma");
    f("diou", diou, {0, 1000}, "Weight of the detection head's distance-IoU loss");
    f("centre_radius", centre_radius, {0.1, 100}, "Positives lie within this many strides of the segment's centre");
    f("edges", edges, {0, 1000}, "Weight of the start and end scores' cross-entropy (head.edges)");
    f("rescore", rescore, {0, 1000}, "Weight of the second look's losses (head.rescore)");
    f("gate_smoothness", gate_smoothness, {}, "Scale each pair of the temporal loss by max(0, cosine of the raw features)^4");
    f("variance", variance, {0, 1000}, "Weight of the variance term (VICReg) on levels 0, 1 and from 3 up");
    f("variance_target", variance_target, {0, 100}, "Deviation that each dimension should reach (variance term)");
    f("covariance", covariance, {0, 1000}, "Weight of the covariance term (VICReg) on the same levels");
    f("step_contrast", step_contrast, {0, 1000}, "Weight of the contrast between steps on levels 0 and 1: a neighbour against far steps and other videos");
    f("step_gap", step_gap, {1, 65536}, "Steps of the same video farther away than this are negatives (step contrast)");
    f("step_anchors", step_anchors, {2, 65536}, "Steps of a batch drawn as anchors and negatives of each level (step contrast)");
    f("persistence", persistence, {0, 1000}, "Weight of the contrast between two crops of a video on the levels from 3 up");
    f("contrast_temperature", contrast_temperature, {0.001, 10}, "Temperature of step contrast and persistence");
    f("text", text, {0, 1000}, "Weight of the video-text term: paragraph against the video vector (lambda_vlm)");
    f("segment_text", segment_text, {0, 1000}, "Weight of the segment-text term: sentence against the mean of its steps");
    f("segment_text_nodes", segment_text_nodes, {"steps", "levels"},
      "What a sentence is held against: the mean of its steps, or also, a term each, the nodes of every pyramid level that has one within the sentence");
    f("text_direction", text_direction, {"both", "video_to_text"}, "Cross-entropy in both directions, or from video to text only (the paper)");
    f("text_same", text_same, {0, 1}, "Texts whose vectors have this cosine or more are never each other's negatives; 1 leaves out identical texts only");
    f("router", router, {0, 1000}, "Weight of the cross-entropy of the experts' router against the domains of the video's classes (head.experts)");
    f("balance", balance, {0, 1000}, "Weight of the load balance of the experts (head.experts)");
    f("answer", answer, {0, 1000}, "Weight of the answers' cross-entropy (head.answer)");
    f("caption", caption, {0, 1000}, "Weight of the captions' cross-entropy a word (head.caption)");
    f("task_weights", task_weights, {"fixed", "learned"}, "Tasks (classes, segments, answers, captions) weigh as above, or each also by a learned uncertainty");
  }
};

// Baselines that learn from two views of a video or from clips and their captions (method.md 3).
struct ContrastOptions {
  std::string method = "none";
  double temperature = 0.2;
  double momentum = 0.99;
  int64_t queue = 512;
  int64_t steps = 64;
  double crop_min = 0.3;
  double crop_max = 1.0;
  double step_mask = 0.15;
  double noise = 0.1;
  double channel_drop = 0.1;
  int64_t dim = 128;
  double clip_min_seconds = 3.0;
  double clip_max_seconds = 32.0;
  double neighbour_share = 0.5;
  template <class F>
  void describe(F& f) {
    f("method", method, {"none", "moco", "simclr", "videoclip"}, "MoCo v2 (momentum encoder and queue), SimCLR (the batch itself), VideoClip (clips against captions), or none");
    f("temperature", temperature, {0.001, 10}, "Temperature of the contrast (moco, simclr)");
    f("momentum", momentum, {0, 1}, "Share of its old value that a key weight keeps at each step (moco)");
    f("queue", queue, {1, 1048576}, "Keys kept, first in first out (moco)");
    f("steps", steps, {2, 8192}, "Steps that each crop is resampled to (moco, simclr)");
    f("crop_min", crop_min, {0.01, 1}, "Shortest crop, a share of the video (moco, simclr)");
    f("crop_max", crop_max, {0.01, 1}, "Longest crop, a share of the video (moco, simclr)");
    f("step_mask", step_mask, {0, 0.9}, "Share of a view's steps set to zero (moco, simclr)");
    f("noise", noise, {0, 10}, "Gaussian noise on a view, in standard deviations of each channel (moco, simclr)");
    f("channel_drop", channel_drop, {0, 0.9}, "Share of a view's channels set to zero (moco, simclr)");
    f("dim", dim, {2, 4096}, "Width of the projection that is contrasted (moco, simclr)");
    f("clip_min_seconds", clip_min_seconds, {0, 100000}, "Shortest clip around a caption (videoclip)");
    f("clip_max_seconds", clip_max_seconds, {0, 100000}, "Longest clip (videoclip)");
    f("neighbour_share", neighbour_share, {0, 1}, "Share of each batch that is near a seed video (videoclip); vectors are refreshed each epoch");
  }
};

// Where text vectors come from and the space they share with the video.
struct TextOptions {
  std::string tower = "hashed";
  std::string source = "captions";
  int64_t buckets = 2048;
  int64_t dim = 256;
  double temperature = 0.07;
  std::string tuning = "none";
  int64_t tuning_size = 8;
  template <class F>
  void describe(F& f) {
    f("tower", tower, {"hashed", "minilm"}, "Text tower: hashed is a bag of words and word pairs without any learning, minilm the sentence encoder all-MiniLM-L6-v2");
    f("source", source, {"captions", "labels"}, "Captions of the data set, or the class names of the segments (tables then say label-text)");
    f("buckets", buckets, {16, 1048576}, "Width of the hashed vector");
    f("dim", dim, {2, 4096}, "Width of the shared space");
    f("temperature", temperature, {0.01, 10}, "Temperature at the start; it is learned, the scale stays below 100");
    f("tuning", tuning, {"none", "lora", "bottleneck", "prefix"}, "The sentence encoder stays frozen, or learns through adapters of this kind (tower minilm)");
    f("tuning_size", tuning_size, {1, 4096}, "Rank of the low-rank adapters, width of the bottlenecks, or rows of the prefix");
  }
};

// Heads that answer and describe (head.answer, head.caption).
struct LanguageOptions {
  int64_t answers = 1000;
  int64_t answer_layers = 2;
  int64_t words = 10000;
  int64_t width = 128;
  int64_t layers = 2;
  int64_t heads = 4;
  int64_t max_words = 30;
  double dropout = 0.2;
  std::string decoding = "greedy";
  int64_t beam = 4;
  int64_t samples = 16;
  double top_p = 0.9;
  template <class F>
  void describe(F& f) {
    f("answers", answers, {1, 100000}, "Most frequent training answers that can be given");
    f("answer_layers", answer_layers, {1, 12}, "Layers in which a question attends to the pyramid");
    f("words", words, {1, 100000}, "Most frequent training words that descriptions can use");
    f("width", width, {8, 4096}, "Width of the decoder that describes");
    f("layers", layers, {1, 48}, "Its layers");
    f("heads", heads, {1, 64}, "Its heads");
    f("max_words", max_words, {1, 512}, "Longest description, in words");
    f("dropout", dropout, {0, 0.9}, "Dropout in the answer head and on the decoder's input, a share");
    f("decoding", decoding, {"greedy", "beam", "nucleus", "consensus"}, "How a description is written: likeliest words, beam search, drawn words, or the drawn description that agrees most with the others");
    f("beam", beam, {1, 64}, "Beams (decoding beam)");
    f("samples", samples, {2, 256}, "Descriptions drawn (decoding consensus)");
    f("top_p", top_p, {0.01, 1}, "Share of the likelihood that words are drawn from (decoding nucleus and consensus)");
  }
};

struct TrainOptions {
  int64_t epochs = 30;
  int64_t batch_size = 16;
  double lr = 5e-4;
  double min_lr = 1e-6;
  double weight_decay = 0.05;
  double warmup_epochs = 3;
  double clip = 1.0;
  double ema = 0.999;
  int64_t threads = 0;
  int64_t checkpoint_steps = 0;
  double checkpoint_minutes = 5.0;
  int64_t evaluate_epochs = 5;
  int64_t patience = 0;
  double holdout = 0.1;
  double recompose = 0.0;
  double stretch = 0.0;
  std::string select = "holdout";
  std::string training_subset = "training";
  std::string init;
  bool checkpoint_activations = false;
  std::string precision = "float32";
  template <class F>
  void describe(F& f) {
    f("epochs", epochs, {0, 100000}, "Passes over the training videos");
    f("batch_size", batch_size, {1, 4096}, "Videos per optimiser step");
    f("lr", lr, {0, 10}, "AdamW learning rate after warm-up");
    f("min_lr", min_lr, {0, 10}, "Learning rate at the end of the cosine");
    f("weight_decay", weight_decay, {0, 10}, "Decoupled weight decay");
    f("warmup_epochs", warmup_epochs, {0, 1000}, "Linear warm-up, in epochs");
    f("clip", clip, {0, 1e6}, "Global gradient-norm clip; 0 turns it off");
    f("ema", ema, {0, 1}, "Decay of the moving average of the weights used for evaluation; 0 turns it off");
    f("threads", threads, {0, 1024}, "Compute threads; 0 takes all cores");
    f("checkpoint_steps", checkpoint_steps, {0, 1e9}, "Checkpoint every so many steps; 0 = at the end of each epoch only when due by time");
    f("checkpoint_minutes", checkpoint_minutes, {0, 1e6}, "Checkpoint at the first step after so many minutes");
    f("evaluate_epochs", evaluate_epochs, {0, 100000}, "Evaluate on the held-out slice every so many epochs; 0 = at the end only");
    f("patience", patience, {0, 100000}, "Evaluations on the held-out slice without a better score after which training ends early; 0 = never");
    f("holdout", holdout, {0, 0.9}, "Share of the training videos kept out for selection; never the validation subset");
    f("recompose", recompose, {0, 1}, "Share of the videos of a batch that are put together anew: segments and background from other training videos in this one's layout");
    f("stretch", stretch, {0, 0.9}, "Videos are stretched or shortened in time by up to this share while training; 0 = never");
    f("select", select, {"holdout", "last"}, "Weights to evaluate: the best on the held-out slice, or those of the last step (the same rule for runs without heads)");
    f("training_subset", training_subset, {}, "Subset that is trained on");
    f("init", init, {}, "Run whose weights training starts from, where names and shapes agree (a path; relative ones are seen from the run folder); empty = random weights");
    f("checkpoint_activations", checkpoint_activations, {}, "Keep only what enters each layer and compute its inside again on the way back: less memory, more time, the same gradients");
    f("precision", precision, {"float32", "bfloat16", "float16"}, "Number format of the products of a training step; weights and sums stay float32, float16 scales the loss (Micikevicius et al. 2018)");
  }
};

// Post-processing of detections (method.md 4.7).
struct DetectOptions {
  double min_score = 0.001;
  int64_t pre_nms = 2000;
  double sigma = 0.5;
  int64_t keep = 100;
  double video_fusion = 0.5;
  double vote = 0.0;
  std::string nms = "class";
  double edge_reach = 0.2;
  double rescore_fusion = 0.5;
  bool calibrate = false;
  std::string labels = "own";
  template <class F>
  void describe(F& f) {
    f("min_score", min_score, {0, 1}, "Detections below this score are dropped");
    f("pre_nms", pre_nms, {1, 1e6}, "Detections of a video kept before suppression");
    f("sigma", sigma, {0.01, 10}, "Gaussian soft-NMS width");
    f("keep", keep, {1, 1e5}, "Detections of a video kept after suppression");
    f("video_fusion", video_fusion, {0, 1}, "Exponent of the video score in the segment score; 0.5 is the geometric mean, 0 ignores it");
    f("vote", vote, {0, 1}, "Segments that overlap a kept one by this tIoU vote on its ends; 0 turns it off");
    f("nms", nms, {"class", "agnostic"}, "Segments suppress only those of their class, or of all classes");
    f("edge_reach", edge_reach, {0, 1}, "An end may move by this share of its segment's length, at least one step, to a better border (head.edges); 0 = never");
    f("rescore_fusion", rescore_fusion, {0, 1}, "Exponent of the second look's score in the segment score (head.rescore)");
    f("calibrate", calibrate, {}, "Scores become shares of right detections, by the curve that training fitted on its held-out slice");
    f("labels", labels, {"own", "external", "oracle"},
      "Class scores of the video in the segment score: the run's own classifier, the linear model of the raw features (external), or the truth (oracle)");
  }
};

struct RunConfig {
  uint64_t seed = 1;
  std::string device = "auto";
  EncoderOptions encoder;
  PyramidOptions pyramid;
  MergeOptions merge;
  HeadOptions head;
  LossOptions loss;
  ContrastOptions contrast;
  TextOptions text;
  LanguageOptions language;
  TrainOptions train;
  DetectOptions detect;
  template <class F>
  void describe(F& f) {
    f("seed", seed, {}, "Seed of initial weights, data order and dropout");
    f("device", device, {}, "auto, cpu or cuda[:i]");
    f.group("encoder", encoder, "From step features to contextual step vectors");
    f.group("pyramid", pyramid, "From steps to the temporal pyramid");
    f.group("merge", merge, "Merging of similar tokens");
    f.group("head", head, "What is predicted");
    f.group("loss", loss, "Loss terms and their weights");
    f.group("contrast", contrast, "Contrastive baselines");
    f.group("text", text, "Text vectors");
    f.group("language", language, "Answers and descriptions");
    f.group("train", train, "Optimiser, schedule, selection");
    f.group("detect", detect, "From head outputs to segments");
  }
};

// Reads a config file, then applies `settings` ("train.epochs=3"). Throws InputError naming file, line and nearest key, and
// for combinations that cannot work (heads that do not divide the width), naming both keys.
RunConfig readRunConfig(const std::filesystem::path& file, const std::vector<std::string>& settings = {});
void applySettings(RunConfig& config, const std::vector<std::string>& settings);
void validateConfig(const RunConfig& config, const std::string& where);
std::string configYaml(const RunConfig& config);  // fully resolved
bool usesText(const RunConfig& config);  // a term reads the data set's captions (or labels as text)
bool usesTower(const RunConfig& config);  // a text term or the answer head reads text vectors
bool usesRouter(const RunConfig& config);  // the classifier has experts and chooses between them
bool usesLanguage(const RunConfig& config);  // head.answer, head.caption, text.tuning or learned task weights: parts beside the model
int64_t textWidth(const TextOptions& options);  // numbers in a text vector: text.buckets, or 384 of minilm
// Hash of what determines the result: everything but train.threads, device, checkpoint cadence and the options of parts
// that are not in use (other mixers, merging, contrast, text).
std::string configHash(const RunConfig& config);
// "train.lr: 0.0005 / 0.001" for each key that differs; `result_only` leaves out the keys that configHash leaves out.
std::vector<std::string> configDifferences(const RunConfig& a, const RunConfig& b, bool result_only = false);

}  // namespace hvlm
