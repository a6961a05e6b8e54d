(ns kvasir.jepsen.plot
  "Pictures of a history, as SVG: latency and rate over time, and what each process did. They are drawn after the
  verdict and have no part in it."
  (:require [clojure.java.io :as io]
            [clojure.string :as string]
            [kvasir.jepsen.history :as history]
            [kvasir.jepsen.store :as store]))

(set! *warn-on-reflection* true)

(def ^:private width 1100)
(def ^:private height 420)
(def ^:private left 70)
(def ^:private bottom 40)
(def ^:private top 20)
(def ^:private points-max 20000)
(def ^:private timeline-ops-max 2000)

(def ^:private color {:ok "#4c9a5b" :fail "#c77fb5" :info "#e0a030"})

(defn- escaped [text]
  (-> (str text) (string/replace "&" "&amp;") (string/replace "<" "&lt;") (string/replace "\"" "&quot;")))

(defn- n1 [x] (String/format java.util.Locale/ROOT "%.1f" (to-array [(double x)])))

(defn- text [x y more words]
  (str "<text x=\"" (n1 x) "\" y=\"" (n1 y) "\" " more ">" (escaped words) "</text>"))

(defn- svg [w h parts]
  (str "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" w "\" height=\"" h
       "\" font-family=\"sans-serif\" font-size=\"11\"><rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
       (string/join "\n" parts) "\n</svg>\n"))

(defn- seconds [op] (/ (double (:time op)) 1e9))

(defn- intervals
  "[start stop] in seconds of a fault, from its operations."
  [history {:keys [start stop]} end]
  (loop [ops (seq (filter #(= :nemesis (:process %)) history)) open nil found []]
    (if-let [[op & more] ops]
      (cond (and (nil? open) (start (:f op))) (recur more (seconds op) found)
            (and open (stop (:f op)) (:value op) (map? (:value op))) (recur more nil (conj found [open (seconds op)]))
            :else (recur more open found))
      (cond-> found open (conj [open end])))))

(defn- frame
  "Axes, faults as bands, and a legend."
  [history perf end x]
  (concat
   (for [[i {:keys [name color] :as fault}] (map-indexed vector perf)
         part (cons (text (+ (long left) (* 70 (long i))) 14 (str "fill=\"" color "\"") name)
                    (for [[a b] (intervals history fault end)]
                      (str "<rect x=\"" (n1 (x a)) "\" y=\"" top
                           "\" width=\"" (n1 (max 1.0 (- (double (x b)) (double (x a)))))
                           "\" height=\"" (- (long height) (long bottom) (long top)) "\" fill=\"" color
                           "\" fill-opacity=\"0.15\"/>")))]
     part)
   (for [i (range 11) :let [s (* (double end) (/ (double i) 10))]]
     (text (x s) (- (long height) 22) "text-anchor=\"middle\"" (str (n1 s) " s")))
   (for [[i [type c]] (map-indexed vector color)]
     (text (- (long width) 200 (* -60 (long i))) 14 (str "fill=\"" c "\"") (name type)))))

(defn- scale-x [end]
  (fn [s] (+ (long left) (* (- (long width) (long left) 20) (/ (double s) (max 0.001 (double end)))))))

(defn latency
  "Every operation's latency, logarithmic from 0.1 ms to 100 s."
  [history perf]
  (let [pairs (filter second (history/pairs history))
        pairs (take-nth (inc (quot (count pairs) (long points-max))) pairs)
        end (reduce max 1.0 (map seconds history))
        x (scale-x end)
        y (fn [millis] (- (long height) (long bottom)
                          (* (- (long height) (long bottom) (long top))
                             (/ (+ 1.0 (Math/log10 (max 0.1 (double millis)))) 6.0))))]
    (svg width height
         (concat (frame history perf end x)
                 (for [millis [0.1 1 10 100 1000 10000 100000]]
                   (str "<line x1=\"" left "\" x2=\"" width "\" y1=\"" (n1 (y millis)) "\" y2=\"" (n1 (y millis))
                        "\" stroke=\"#ddd\"/>" (text 4 (+ 4 (double (y millis))) "" (str millis " ms"))))
                 (for [[invocation completion] pairs]
                   (str "<circle r=\"1.2\" cx=\"" (n1 (x (seconds invocation))) "\" cy=\""
                        (n1 (y (* 1000 (- (double (seconds completion)) (double (seconds invocation))))))
                        "\" fill=\"" (color (:type completion)) "\"/>"))))))

(defn rate
  "Completions a second, by type."
  [history perf]
  (let [completions (filter #(and (history/client-op? %) (not= :invoke (:type %))) history)
        end (reduce max 1.0 (map seconds history))
        counted (frequencies (map (fn [op] [(:type op) (long (seconds op))]) completions))
        most (reduce max 1 (vals counted))
        x (scale-x end)
        y (fn [n] (- (long height) (long bottom)
                     (* (- (long height) (long bottom) (long top)) (/ (double n) (double most)))))]
    (svg width height
         (concat (frame history perf end x)
                 [(text 4 (+ 12 (long top)) "" (str most "/s")) (text 4 (- (long height) (long bottom)) "" "0")]
                 (for [[type c] color]
                   (str "<polyline fill=\"none\" stroke=\"" c "\" points=\""
                        (string/join " " (for [s (range (inc (long end)))]
                                           (str (n1 (x s)) "," (n1 (y (get counted [type s] 0))))))
                        "\"/>"))))))

(defn timeline
  "What each process did, the first operations of a history."
  [history]
  (let [pairs (take timeline-ops-max (filter second (history/pairs history)))
        processes (vec (sort (distinct (map (comp :process first) pairs))))
        column (zipmap processes (range))
        row-of (into {} (map-indexed (fn [i op] [(:index op) i]))
                     (sort-by :index (mapcat identity pairs)))
        y (fn [op] (+ 30.0 (* 7 (long (row-of (:index op))))))]
    (svg (+ 40 (* 130 (count processes))) (+ 60 (* 7 (count row-of)))
         (concat
          (for [p processes] (text (+ 20 (* 130 (long (column p)))) 14 "" (str "process " p)))
          (for [[invocation completion] pairs
                :let [x (+ 20 (* 130 (long (column (:process invocation)))))
                      from (double (y invocation))
                      label (str (name (:f completion)) " " (pr-str (:value completion)))]]
            (str "<g><title>" (escaped (str (:index invocation) " to " (:index completion) " " label " "
                                            (pr-str (:error completion)))) "</title><rect x=\"" x "\" y=\"" (n1 from)
                 "\" width=\"120\" height=\"" (n1 (max 6.0 (- (double (y completion)) from))) "\" fill=\""
                 (color (:type completion)) "\" fill-opacity=\"0.4\"/>"
                 (text (+ 2 x) (+ 6 from) "font-size=\"6\"" (subs label 0 (min 40 (count label)))) "</g>"))))))

(defn draw!
  "Writes latency.svg, rate.svg and timeline.svg; what goes wrong is only logged."
  [test history]
  (doseq [[name picture] {"latency.svg" #(latency history (:perf test))
                          "rate.svg" #(rate history (:perf test))
                          "timeline.svg" #(timeline history)}]
    (try (spit (io/file (store/path test name)) (picture))
         (catch Exception failed
           (store/log (str name " could not be drawn") failed)))))
